/* uki: kernel, initramfs and command line as one program, which UEFI itself starts.
 *
 * It is signed with the key of whoever builds, whose certificate is in the firmware of the
 * machines: with Secure Boot switched on nothing else starts there, and nobody changes a
 * word of the command line. The form is the Unified Kernel Image of the UAPI group; in
 * front stands systemd's stub, which hands the parts to the kernel.
 *
 *   EFI/BOOT/BOOTX64.EFI  */
#ifndef IMAGE_UKI_H
#define IMAGE_UKI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../init/base/err.h"
#include "plan.h"

/* Are its tools, the stub, the key and the certificate there? -1 with *e. */
int uki_check(const struct plan *p, struct err *e);

/* Where the certificate of the key lies when nobody says: its name with .crt instead of
 * .key or .pem, or behind it. */
void uki_certificate_beside(const char *key, char *path, size_t size);

/* Makes it from what plan->work holds, in plan->work/esp. 0, or -1 with *e. */
int uki_stage(const struct plan *p, struct err *e);

/* The first address behind the sections of a program for UEFI, from its first `len` bytes.
 * False: it is none. Hostile bytes are fine. */
bool uki_end(const unsigned char *head, size_t len, uint64_t *end);

#endif
