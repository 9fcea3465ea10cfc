/* kernel: what a Linux kernel image says of itself.
 *
 * The x86 boot protocol's header (Documentation/arch/x86/boot.rst) holds the
 * release and the size; other architectures' images are not asked.  */
#ifndef IMAGE_KERNEL_H
#define IMAGE_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../init/base/err.h"

/* Copies the release ("6.1.0-50-amd64") out of the kernel file `path`. 1: done;
 * 0: the file is of a kind that does not say; -1 with *e. */
int kernel_release(const char *path, char *release, size_t size, struct err *e);

/* Bytes of memory that the kernel file `path` takes for itself while it starts, or 0: it does
 * not say, or can't be read. */
uint64_t kernel_memory(const char *path);

/* The same of the first `len` bytes of one. Hostile bytes are fine. */
uint64_t kernel_memory_of(const unsigned char *head, size_t len);

/* Does the kernel file `path` carry a signature for Secure Boot? Nobody says here whose. */
bool kernel_is_signed(const char *path);

/* The same of the first `len` bytes of one. */
bool kernel_is_signed_of(const unsigned char *head, size_t len);

/* The same as kernel_release of the first `len` bytes of a kernel. Hostile bytes are fine. */
int kernel_release_of(const unsigned char *head, size_t len, char *release, size_t size);

#endif
