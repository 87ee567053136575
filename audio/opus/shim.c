#include "shim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef _WIN32
#include <windows.h>

/* Not in the headers of every toolchain. */
#ifndef LOAD_LIBRARY_SEARCH_DEFAULT_DIRS
#define LOAD_LIBRARY_SEARCH_DEFAULT_DIRS 0x00001000
#endif

static void *library_open(const char *name, char *why, int size)
{
	WCHAR wide[MAX_PATH * 4];
	HMODULE handle;

	if (!MultiByteToWideChar(CP_UTF8, 0, name, -1, wide, sizeof wide / sizeof wide[0])) {
		snprintf(why, size, "name too long");
		return NULL;
	}
	/* A bare name is looked for beside the program and in the system's folder, never in the current
	 * one, where anybody may have put a file of that name. */
	handle = LoadLibraryExW(wide, NULL, strchr(name, '\\') ? LOAD_WITH_ALTERED_SEARCH_PATH : LOAD_LIBRARY_SEARCH_DEFAULT_DIRS);
	if (!handle)
		snprintf(why, size, "error %lu", (unsigned long)GetLastError());
	return (void *)handle;
}

static void *library_symbol(void *handle, const char *name)
{
	return (void *)GetProcAddress((HMODULE)handle, name);
}

static void library_close(void *handle)
{
	FreeLibrary((HMODULE)handle);
}

#else
#include <dlfcn.h>

static void *library_open(const char *name, char *why, int size)
{
	void *handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);

	if (!handle)
		snprintf(why, size, "%s", dlerror());
	return handle;
}

static void *library_symbol(void *handle, const char *name)
{
	return dlsym(handle, name);
}

static void library_close(void *handle)
{
	dlclose(handle);
}
#endif

calla_opus *calla_opus_load(const char *name, char *why, int size)
{
	void *handle = library_open(name, why, size);
	calla_opus *o;
	int i;

	if (!handle)
		return NULL;
	o = calloc(1, sizeof *o);
	if (!o) {
		snprintf(why, size, "out of memory");
		library_close(handle);
		return NULL;
	}
	o->handle = handle;

	struct {
		const char *name;
		void **to;
	} wanted[] = {
		{"opus_encoder_create", (void **)&o->encoder_create},
		{"opus_encoder_destroy", (void **)&o->encoder_destroy},
		{"opus_encoder_ctl", (void **)&o->encoder_ctl},
		{"opus_encode", (void **)&o->encode},
		{"opus_decoder_create", (void **)&o->decoder_create},
		{"opus_decoder_destroy", (void **)&o->decoder_destroy},
		{"opus_decode", (void **)&o->decode},
		{"opus_get_version_string", (void **)&o->version},
		{"opus_strerror", (void **)&o->strerror},
	};
	for (i = 0; i < (int)(sizeof wanted / sizeof wanted[0]); i++) {
		*wanted[i].to = library_symbol(handle, wanted[i].name);
		if (!*wanted[i].to) {
			snprintf(why, size, "it has no %s", wanted[i].name);
			library_close(handle);
			free(o);
			return NULL;
		}
	}
	return o;
}

void *calla_opus_encoder(calla_opus *o, int *error)
{
	return o->encoder_create(48000, 1, 2048 /* OPUS_APPLICATION_VOIP */, error);
}

int calla_opus_set(calla_opus *o, void *encoder, int request, int value)
{
	return o->encoder_ctl(encoder, request, (int32_t)value);
}

int32_t calla_opus_encode(calla_opus *o, void *encoder, const int16_t *pcm, int samples, unsigned char *data, int32_t size)
{
	return o->encode(encoder, pcm, samples, data, size);
}

void calla_opus_encoder_free(calla_opus *o, void *encoder)
{
	o->encoder_destroy(encoder);
}

void *calla_opus_decoder(calla_opus *o, int *error)
{
	return o->decoder_create(48000, 1, error);
}

int calla_opus_decode(calla_opus *o, void *decoder, const unsigned char *data, int32_t size, int16_t *pcm, int samples, int fec)
{
	return o->decode(decoder, data, size, pcm, samples, fec);
}

void calla_opus_decoder_free(calla_opus *o, void *decoder)
{
	o->decoder_destroy(decoder);
}

const char *calla_opus_version(calla_opus *o)
{
	return o->version();
}

const char *calla_opus_strerror(calla_opus *o, int error)
{
	return o->strerror(error);
}
