#include "firmware.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/mount.h>
#include <unistd.h>

#include "../base/fd.h"

#define EFI_VARIABLES   "/sys/firmware/efi/efivars"
#define LOADER_VARIABLE EFI_VARIABLES "/LoaderDevicePartUUID-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"
#define BIOS_SIGNATURE  "/sys/firmware/edd/int13_dev80/mbr_signature"

enum { SIGNATURE_DIGITS = 8 };

bool firmware_decode_variable(struct span bytes, char *out, size_t size)
{
	size_t used = 0;

	if (bytes.len < 4 || (bytes.len - 4) % 2)
		return false;
	for (size_t i = 4; i < bytes.len; i += 2) {
		unsigned char low = (unsigned char)bytes.at[i];

		if (low == 0 && bytes.at[i + 1] == 0)
			break;
		if (bytes.at[i + 1] != 0 || low <= ' ' || low >= 0x7f || used + 1 >= size)
			return false;
		out[used++] = (char)low;
	}
	out[used] = '\0';
	return used > 0;
}

static int read_efi(char *out, size_t size)
{
	char bytes[256];
	struct err ignored;

	if (access(EFI_VARIABLES, F_OK) < 0)
		return -1;
	mount("efivarfs", EFI_VARIABLES, "efivarfs", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY,
	      NULL);

	ssize_t len = fd_read_file(AT_FDCWD, LOADER_VARIABLE, bytes, sizeof bytes, &ignored);

	umount(EFI_VARIABLES);
	return len > 0 && firmware_decode_variable((struct span){ bytes, (size_t)len }, out, size)
	               ? 0
	               : -1;
}

static int read_bios(char *out, size_t size)
{
	char text[32];
	struct err ignored;
	ssize_t len = fd_read_file(AT_FDCWD, BIOS_SIGNATURE, text, sizeof text, &ignored);
	struct span value = span_trim((struct span){ text, len < 0 ? 0 : (size_t)len });

	if (!span_starts(value, "0x") || value.len != 2 + SIGNATURE_DIGITS)
		return -1;
	return span_copy(span_from(value, 2), out, size) ? 0 : -1;
}

int firmware_partition(char *out, size_t size)
{
	return read_efi(out, size) == 0 ? 0 : read_bios(out, size);
}

bool firmware_is_partition(const char *known, const char *partuuid)
{
	if (strlen(known) == SIGNATURE_DIGITS)
		return strncasecmp(known, partuuid, SIGNATURE_DIGITS) == 0 &&
		       partuuid[SIGNATURE_DIGITS] == '-' &&
		       strlen(partuuid) == SIGNATURE_DIGITS + 3;
	return known[0] && strcasecmp(known, partuuid) == 0;
}
