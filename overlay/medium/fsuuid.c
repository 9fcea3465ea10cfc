#include "fsuuid.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

enum { FAT_SECTORS16 = 0x16, FAT_SERIAL16 = 0x27, FAT_SERIAL32 = 0x43, UUID = 16 };

struct place {
	const char *fstype;
	off_t magic_at;
	const char *magic;
	size_t magic_len;
	off_t uuid_at;
	bool serial; /* four bytes, as DOS shows them */
};

static const struct place places[] = {
	{ "vfat", 0x1fe, "\x55\xaa", 2, FAT_SERIAL16, true },
	{ "exfat", 3, "EXFAT   ", 8, 0x64, true },
	{ "ext4", 0x438, "\x53\xef", 2, 0x468, false },
	{ "ext3", 0x438, "\x53\xef", 2, 0x468, false },
	{ "ext2", 0x438, "\x53\xef", 2, 0x468, false },
	{ "btrfs", 0x10040, "_BHRfS_M", 8, 0x10020, false },
	{ "xfs", 0, "XFSB", 4, 0x20, false },
	{ "f2fs", 0x400, "\x10\x20\xf5\xf2", 4, 0x46c, false },
};

static bool read_at(int fd, void *bytes, size_t len, off_t at)
{
	return pread(fd, bytes, len, at) == (ssize_t)len;
}

/* FAT32 has no number of sectors here, and its serial number further back. */
static off_t place_of(int fd, const struct place *p)
{
	unsigned char sectors[2];

	if (strcmp(p->fstype, "vfat") != 0)
		return p->uuid_at;
	if (!read_at(fd, sectors, sizeof sectors, FAT_SECTORS16))
		return -1;
	return sectors[0] || sectors[1] ? FAT_SERIAL16 : FAT_SERIAL32;
}

static void write_uuid(const unsigned char *bytes, char text[FSUUID_TEXT])
{
	size_t used = 0;

	for (size_t i = 0; i < UUID; i++)
		used += (size_t)snprintf(text + used, FSUUID_TEXT - used, "%s%02x",
		                         i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", bytes[i]);
}

static bool read_here(int fd, const struct place *p, char text[FSUUID_TEXT])
{
	unsigned char magic[8], bytes[UUID];
	off_t at;

	if (!read_at(fd, magic, p->magic_len, p->magic_at) ||
	    memcmp(magic, p->magic, p->magic_len) != 0)
		return false;
	at = place_of(fd, p);
	if (at < 0 || !read_at(fd, bytes, p->serial ? 4 : UUID, at))
		return false;
	if (p->serial)
		snprintf(text, FSUUID_TEXT, "%02X%02X-%02X%02X", bytes[3], bytes[2], bytes[1],
		         bytes[0]);
	else
		write_uuid(bytes, text);
	return true;
}

bool fsuuid_read(int fd, const char *fstype, char text[FSUUID_TEXT])
{
	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		if (strcmp(places[i].fstype, fstype) == 0)
			return read_here(fd, &places[i], text);
	return false;
}
