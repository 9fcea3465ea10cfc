/* fat: a FAT file system inside an image file, made without being root. */
#ifndef IMAGE_FAT_H
#define IMAGE_FAT_H

#include <stdbool.h>
#include <stdint.h>

#include "../init/base/err.h"

/* A directory entry has 32 bits for a file's bytes. */
#define FAT_FILE_MAX UINT32_MAX

struct fat {
	const char *image;      /* the file, borrowed */
	uint64_t start_mib, size_mib; /* where in it */
	const char *label;
	bool grows;             /* its tables could describe FAT_GROWTH times as much, where it is FAT32 */
};

/* As many times its size can one be that `grows`; the tables for it take FAT_GROWTH_MIB at most. */
enum { FAT_GROWTH = 32, FAT_GROWTH_MIB = 34 };

/* Creates the file `path`, a hole of `mib` MiB. 0 or -1 with *e. */
int fat_create(const char *path, uint64_t mib, struct err *e);

/* Makes the empty file system. */
int fat_make(const struct fat *f, struct err *e);

/* Copies `folder`/`name`, a file or a folder with all in it, into its top. */
int fat_copy(const struct fat *f, const char *folder, const char *name, struct err *e);

#endif
