/* Fills two gaps of Wine 8 that stop every Go program, in a throw-away Wine prefix. Go's runtime loads this library
   at start, for ProcessPrng.

   1. bcryptprimitives.dll with ProcessPrng is missing: here are the random numbers of RtlGenRandom instead, which
      advapi32 exports as SystemFunction036.
   2. Every UDP socket that Go opens is told SIO_UDP_NETRESET, which Wine refuses as unknown. Windows then no longer
      reports that a datagram's time to live ran out, which Wine does not do in the first place: so it succeeds. */
#include <winsock2.h>
#include <windows.h>
#include <string.h>

#define SIO_UDP_NETRESET (IOC_IN | IOC_VENDOR | 15)

BOOLEAN NTAPI SystemFunction036(PVOID buffer, ULONG length);

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T length) {
	return SystemFunction036(data, (ULONG)length);
}

typedef int(WSAAPI *ioctl_function)(SOCKET, DWORD, LPVOID, DWORD, LPVOID, DWORD, LPDWORD, LPWSAOVERLAPPED,
				    LPWSAOVERLAPPED_COMPLETION_ROUTINE);

static ioctl_function wine_ioctl;

static int WSAAPI ioctl_with_netreset(SOCKET s, DWORD code, LPVOID in, DWORD in_size, LPVOID out, DWORD out_size,
				      LPDWORD returned, LPWSAOVERLAPPED overlapped,
				      LPWSAOVERLAPPED_COMPLETION_ROUTINE done) {
	if (code == SIO_UDP_NETRESET) {
		*returned = 0;
		return 0;
	}
	return wine_ioctl(s, code, in, in_size, out, out_size, returned, overlapped, done);
}

/* An entry of an export table is an offset of 32 bits: this puts a jump to our function near enough after the
   library. */
static BYTE *jump_near(BYTE *base, SIZE_T size, void *target) {
	static const BYTE jump[] = {0x48, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xe0}; /* mov rax, target; jmp rax */
	ULONG_PTR step = 0x10000, from = ((ULONG_PTR)base + size + step - 1) & ~(step - 1);
	for (ULONG_PTR at = from; at - from < 0x40000000; at += step) {
		BYTE *code = VirtualAlloc((void *)at, sizeof jump, MEM_RESERVE | MEM_COMMIT, PAGE_EXECUTE_READWRITE);
		if (code) {
			memcpy(code, jump, sizeof jump);
			memcpy(code + 2, &target, sizeof target);
			return code;
		}
	}
	return NULL;
}

/* Makes ws2_32 export our function as WSAIoctl to whoever asks from now on. */
static BOOL export_ioctl(void) {
	BYTE *base = (BYTE *)GetModuleHandleA("ws2_32.dll");
	if (!base)
		return FALSE;
	IMAGE_OPTIONAL_HEADER *header = &((IMAGE_NT_HEADERS *)(base + ((IMAGE_DOS_HEADER *)base)->e_lfanew))->OptionalHeader;
	IMAGE_EXPORT_DIRECTORY *exports =
	    (IMAGE_EXPORT_DIRECTORY *)(base + header->DataDirectory[IMAGE_DIRECTORY_ENTRY_EXPORT].VirtualAddress);
	DWORD *functions = (DWORD *)(base + exports->AddressOfFunctions), *names = (DWORD *)(base + exports->AddressOfNames);
	WORD *ordinals = (WORD *)(base + exports->AddressOfNameOrdinals);
	for (DWORD i = 0; i < exports->NumberOfNames; i++) {
		if (strcmp((char *)base + names[i], "WSAIoctl"))
			continue;
		DWORD *entry = &functions[ordinals[i]], before;
		BYTE *code = jump_near(base, header->SizeOfImage, (void *)ioctl_with_netreset);
		if (!code || !VirtualProtect(entry, sizeof *entry, PAGE_READWRITE, &before))
			return FALSE;
		wine_ioctl = (ioctl_function)(base + *entry);
		*entry = (DWORD)(code - base);
		return VirtualProtect(entry, sizeof *entry, before, &before);
	}
	return FALSE;
}

BOOL WINAPI DllMain(HINSTANCE self, DWORD reason, LPVOID reserved) {
	(void)self;
	(void)reserved;
	if (reason != DLL_PROCESS_ATTACH)
		return TRUE;
	WSAGetLastError(); /* imports ws2_32, so that it is loaded before */
	return export_ioctl();
}
