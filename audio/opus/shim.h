/* libopus is loaded when the program runs: nothing of it is needed to build. The few functions and
 * constants used here are declared by their documented interface, which has been stable since 1.0. */
#ifndef CALLA_OPUS_SHIM_H
#define CALLA_OPUS_SHIM_H

#include <stdint.h>

typedef struct calla_opus {
	void *handle;
	void *(*encoder_create)(int32_t rate, int channels, int application, int *error);
	void (*encoder_destroy)(void *encoder);
	int (*encoder_ctl)(void *encoder, int request, ...);
	int32_t (*encode)(void *encoder, const int16_t *pcm, int samples, unsigned char *data, int32_t size);
	void *(*decoder_create)(int32_t rate, int channels, int *error);
	void (*decoder_destroy)(void *decoder);
	int (*decode)(void *decoder, const unsigned char *data, int32_t size, int16_t *pcm, int samples, int fec);
	const char *(*version)(void);
	const char *(*strerror)(int error);
} calla_opus;

/* Loads the library of this name or path and returns it, or NULL with the reason in why. */
calla_opus *calla_opus_load(const char *name, char *why, int size);

void *calla_opus_encoder(calla_opus *o, int *error);
int calla_opus_set(calla_opus *o, void *encoder, int request, int value);
int32_t calla_opus_encode(calla_opus *o, void *encoder, const int16_t *pcm, int samples, unsigned char *data, int32_t size);
void calla_opus_encoder_free(calla_opus *o, void *encoder);
void *calla_opus_decoder(calla_opus *o, int *error);
int calla_opus_decode(calla_opus *o, void *decoder, const unsigned char *data, int32_t size, int16_t *pcm, int samples, int fec);
void calla_opus_decoder_free(calla_opus *o, void *decoder);
const char *calla_opus_version(calla_opus *o);
const char *calla_opus_strerror(calla_opus *o, int error);

#endif
