/* Any bytes as the head of an image, of a program for UEFI, of FAT, a partition table, an EFI variable or a shadow file. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../image/kernel.h"
#include "../../image/uki.h"
#include "../../init/boot/firmware.h"
#include "../../init/boot/image.h"
#include "../../init/boot/rescue.h"
#include "../../init/disk/fatsize.h"
#include "../../init/disk/gpt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span bytes = { (const char *)data, size };
	struct span hash = { NULL, 0 };
	const char *fstype = NULL;
	char text[48];
	struct err e = { 0 };

	if (image_decode(bytes, 1 << 20, &fstype, &e) == 0 ? !fstype : !e.text[0])
		abort();
	if (size == GPT_SECTOR) {
		struct gpt g;

		if (gpt_decode(data, &g) && (g.entries_size == 0 || g.entries_size > GPT_ENTRIES_MAX ||
		                             g.backup <= g.entries))
			abort();

		struct fatsize f;

		if (fatsize_decode(data, &f) && (f.sectors > f.most || f.data >= f.sectors || !f.cluster))
			abort();
	}
	uint64_t end;

	uki_end(data, size, &end);
	kernel_is_signed_of(data, size);
	if (firmware_decode_variable(bytes, text, sizeof text) && strlen(text) >= sizeof text)
		abort();
	if (rescue_password(bytes, &hash) == PASSWORD_SET &&
	    (hash.at < bytes.at || hash.at + hash.len > bytes.at + bytes.len))
		abort();
	return 0;
}
