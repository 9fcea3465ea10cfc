/* tar: the 512-byte header of a tar member (POSIX.1-2017 pax, "ustar Interchange
 * Format"; GNU's and the old format's as far as they differ).
 *
 * tar_decode is where foreign bytes become numbers and terminated strings.
 *
 * Not libarchive's, which reads what image/ is given: that one takes a member of a
 * type it does not know for a file and an archive without an end for a whole one,
 * leaves out ACL entries that it can't parse, keeps their ids in an int and
 * rewrites names by the locale. What was saved must come back as it was, or be
 * refused.  */
#ifndef TAR_TAR_H
#define TAR_TAR_H

#include <stdint.h>

#include "../../init/base/err.h"

enum { TAR_BLOCK = 512 };

enum tar_type {
	TAR_FILE = '0',
	TAR_HARDLINK = '1',
	TAR_SYMLINK = '2',
	TAR_CHARACTER = '3',
	TAR_BLOCKDEVICE = '4',
	TAR_DIRECTORY = '5',
	TAR_FIFO = '6',
	TAR_GNU_NAME = 'L', /* the data is the next member's name */
	TAR_GNU_LINK = 'K',
	TAR_PAX = 'x', /* the data is records about the next member */
	TAR_PAX_GLOBAL = 'g',
};

struct tar_header {
	enum tar_type type;
	char name[257];   /* prefix and name */
	char target[101]; /* of a link */
	uint32_t mode, uid, gid;
	int64_t mtime; /* seconds since 1970 */
	uint64_t size;
};

/* 1: a header; 0: a block of zeros, the end of the archive; -1 with *e. */
int tar_decode(const char block[TAR_BLOCK], struct tar_header *out, struct err *e);

/* Whether tar_encode can say `name` without a pax record. */
int tar_name_fits(const char *name);

/* What does not fit is cut or 0: a pax record before the header says it then. */
void tar_encode(const struct tar_header *h, char block[TAR_BLOCK]);

/* Bytes of padding after `size` bytes of data. */
unsigned tar_padding(uint64_t size);

#endif
