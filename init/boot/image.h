/* image: the files on a medium that hold a root, and mounting one of them. */
#ifndef BOOT_IMAGE_H
#define BOOT_IMAGE_H

#include "boot.h"

#define IMAGE_HEAD 2048 /* bytes that tell what an image is */

/* From the first bytes of an image (len may be less than IMAGE_HEAD) of `size`
 * bytes in all: its type in `fstype` ("squashfs", "erofs"). -1 with *e: neither,
 * or cut short. The kernel looks at the rest. */
int image_decode(struct span head, uint64_t size, const char **fstype, struct err *e);

/* Fills `images` from slate.image=PATH[:PATH…], lowest first. 0, or -1 with *e:
 * too many, or a path that leaves the medium. */
int image_list_parse(struct span list, struct image *images, size_t *n, struct err *e);

/* Fills `images` with what lies in slate/ of the medium `dir`: root.squashfs,
 * root.erofs, then the others by name. Each is a whole root. *n is 0 when there
 * is none. 0, or -1 with *e. */
int image_list_read(int dir, struct image *images, size_t *n, struct err *e);

/* Attaches image->path of the medium `dir` to a loop device and mounts it
 * read-only on `target`; fills the rest of *image. 0, or -1 with *e. */
int image_mount(struct boot *b, int dir, struct image *image, const char *target, struct err *e);

#endif
