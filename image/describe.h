/* describe: says what a file is that an image is made of, from its own bytes.
 *
 * Kernels (the x86 boot header), initramfs archives, squashfs, erofs, and disks
 * with a partition table. The file is hostile: nothing of it is trusted.  */
#ifndef IMAGE_DESCRIBE_H
#define IMAGE_DESCRIBE_H

#include <stddef.h>
#include <stdint.h>

#include "../init/base/err.h"

struct description {
	const char *kind;       /* "kernel", "initramfs", "squashfs", "erofs", "disk", "unknown" */
	uint64_t size;          /* of the file, bytes */
	char text[256];         /* one line for people */
};

/* 0, or -1 with *e when the file can't be read. */
int describe_file(const char *path, struct description *d, struct err *e);

/* The same of the first `len` bytes of a file, to which an initramfs is unknown.
 * Fills kind and text. */
void describe_head(const unsigned char *head, size_t len, struct description *d);

#endif
