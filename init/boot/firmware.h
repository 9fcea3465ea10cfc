/* firmware: which partition the machine was started from, where the firmware says.
 *
 * On EFI by the variable LoaderDevicePartUUID that boot loaders set, on BIOS by the
 * disk signature that the kernel's edd driver shows.  */
#ifndef BOOT_FIRMWARE_H
#define BOOT_FIRMWARE_H

#include <stdbool.h>
#include <stddef.h>

#include "../base/span.h"

/* Writes a PARTUUID, or a disk's signature ("1a2b3c4d"), to `out`. -1: unknown. */
int firmware_partition(char *out, size_t size);

/* Is `partuuid` (as libblkid writes it) that partition, or one on that disk? */
bool firmware_is_partition(const char *known, const char *partuuid);

/* The text of an EFI variable's bytes: four of attributes, then UTF-16 of plain
 * ASCII. False when it is anything else or does not fit. */
bool firmware_decode_variable(struct span bytes, char *out, size_t size);

#endif
