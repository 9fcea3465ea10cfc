/* cpio: writes an initramfs archive (newc, zstd), the same for the same input.
 *
 * Everything belongs to root and has no time. Names are given without a leading
 * '/'; missing folders above them are made, 0755.  */
#ifndef IMAGE_CPIO_H
#define IMAGE_CPIO_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "../init/base/err.h"
#include "../init/base/names.h"

struct archive;

struct cpio {
	struct archive *archive;
	struct names folders;   /* made so far */
	int64_t inode;          /* of the entry before */
	uint64_t unpacked;      /* bytes that its files take so far where it is unpacked */
};

/* Creates `path`. 0, or -1 with *e. cpio_close must follow either way. */
int cpio_open(struct cpio *c, const char *path, struct err *e);

int cpio_folder(struct cpio *c, const char *name, struct err *e);
int cpio_link(struct cpio *c, const char *name, const char *target, struct err *e);
int cpio_device(struct cpio *c, const char *name, mode_t mode, dev_t device, struct err *e);
int cpio_data(struct cpio *c, const char *name, mode_t mode, const void *data, size_t size,
              struct err *e);
/* The regular file `from`, with `mode`. */
int cpio_file(struct cpio *c, const char *name, mode_t mode, const char *from, struct err *e);
/* All that is in the folder `from`, as NAME/…: files with their execute bits,
 * folders and symbolic links. What lies there as `skip` (NULL: nothing) stays out. */
int cpio_tree(struct cpio *c, const char *name, const char *from, const char *skip, struct err *e);

/* Finishes the file; the memory is released in any case. 0, or -1 with *e. */
int cpio_close(struct cpio *c, struct err *e);

#endif
