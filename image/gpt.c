#include "gpt.h"

#include <stddef.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum { HEADER_LEAST = 92, FIRST = 1 };

/* Offsets in a header. */
enum {
	AT_SIZE = 12,
	AT_CHECKSUM = 16,
	AT_HERE = 24,
	AT_OTHER = 32,
	AT_LAST_USABLE = 48,
	AT_ENTRIES = 72,
	AT_COUNT = 80,
	AT_ENTRY_SIZE = 84,
	AT_ENTRIES_CHECKSUM = 88,
};

/* In the old partition table before it: one partition that stands for all. */
enum { MBR_ENTRY = 446, MBR_TYPE = 4, MBR_SECTORS = 12, MBR_PROTECTIVE = 0xee };

static uint64_t get(const uint8_t *at, size_t len)
{
	uint64_t n = 0;

	while (len-- > 0)
		n = n << 8 | at[len];
	return n;
}

static void put(uint8_t *at, size_t len, uint64_t n)
{
	for (size_t i = 0; i < len; i++)
		at[i] = (uint8_t)(n >> 8 * i);
}

static uint32_t checksum(const uint8_t *bytes, size_t len)
{
	return (uint32_t)crc32(0, bytes, (uInt)len);
}

/* Over the header with nothing where the checksum stands. */
static uint32_t header_checksum(const uint8_t header[GPT_SECTOR])
{
	uint8_t copy[GPT_SECTOR];

	memcpy(copy, header, sizeof copy);
	memset(copy + AT_CHECKSUM, 0, 4);
	return checksum(copy, (size_t)get(header + AT_SIZE, 4));
}

bool gpt_decode(const uint8_t header[GPT_SECTOR], struct gpt *out)
{
	uint64_t size = get(header + AT_SIZE, 4);
	uint64_t bytes = get(header + AT_COUNT, 4) * get(header + AT_ENTRY_SIZE, 4);

	if (memcmp(header, "EFI PART", 8) != 0 || size < HEADER_LEAST || size > GPT_SECTOR)
		return false;
	if (get(header + AT_CHECKSUM, 4) != header_checksum(header) ||
	    get(header + AT_HERE, 8) != FIRST)
		return false;
	if (bytes == 0 || bytes > GPT_ENTRIES_MAX || bytes % GPT_SECTOR)
		return false;
	*out = (struct gpt){ .backup = get(header + AT_OTHER, 8),
		             .entries = get(header + AT_ENTRIES, 8),
		             .entries_size = (uint32_t)bytes };
	return out->entries > FIRST && out->entries < UINT32_MAX && out->backup > out->entries;
}

void gpt_place(uint8_t header[GPT_SECTOR], const struct gpt *g, uint64_t here, uint64_t entries,
               uint64_t sectors)
{
	uint64_t last = sectors - 1;

	put(header + AT_HERE, 8, here);
	put(header + AT_OTHER, 8, here == FIRST ? last : FIRST);
	put(header + AT_ENTRIES, 8, entries);
	put(header + AT_LAST_USABLE, 8, last - g->entries_size / GPT_SECTOR - 1);
	put(header + AT_CHECKSUM, 4, header_checksum(header));
}

static int read_at(int fd, uint64_t sector, void *to, size_t len, struct err *e)
{
	if (pread(fd, to, len, (off_t)(sector * GPT_SECTOR)) != (ssize_t)len)
		return err_sys(e, "read the partition table");
	return 0;
}

static int write_at(int fd, uint64_t sector, const void *from, size_t len, struct err *e)
{
	if (pwrite(fd, from, len, (off_t)(sector * GPT_SECTOR)) != (ssize_t)len || fdatasync(fd) < 0)
		return err_sys(e, "write the partition table");
	return 0;
}

static int write_backup(int fd, const struct gpt *g, const uint8_t first[GPT_SECTOR],
                        const void *entries, uint64_t sectors, struct err *e)
{
	uint64_t at = sectors - 1 - g->entries_size / GPT_SECTOR;
	uint8_t header[GPT_SECTOR];

	memcpy(header, first, sizeof header);
	gpt_place(header, g, sectors - 1, at, sectors);
	if (write_at(fd, at, entries, g->entries_size, e) < 0)
		return -1;
	return write_at(fd, sectors - 1, header, sizeof header, e);
}

/* What takes the disk for one without such a table sees no free room either. */
static int grow_protective(int fd, uint64_t sectors, struct err *e)
{
	uint8_t mbr[GPT_SECTOR], *entry = mbr + MBR_ENTRY;

	if (read_at(fd, 0, mbr, sizeof mbr, e) < 0)
		return -1;
	if (entry[MBR_TYPE] != MBR_PROTECTIVE)
		return 0;
	put(entry + MBR_SECTORS, 4, sectors - 1 < UINT32_MAX ? sectors - 1 : UINT32_MAX);
	return write_at(fd, 0, mbr, sizeof mbr, e);
}

static int move(int fd, const struct gpt *g, uint8_t first[GPT_SECTOR], const void *entries,
                uint64_t sectors, struct err *e)
{
	static const uint8_t zeros[GPT_SECTOR];

	if (write_backup(fd, g, first, entries, sectors, e) < 0)
		return -1;
	gpt_place(first, g, FIRST, g->entries, sectors);
	if (write_at(fd, FIRST, first, GPT_SECTOR, e) < 0 || grow_protective(fd, sectors, e) < 0 ||
	    write_at(fd, g->backup, zeros, sizeof zeros, e) < 0)
		return -1;
	return 1;
}

int gpt_move_backup(int fd, uint64_t size, struct err *e)
{
	static uint8_t entries[GPT_ENTRIES_MAX];
	uint64_t sectors = size / GPT_SECTOR;
	uint8_t first[GPT_SECTOR];
	struct gpt g;

	if (sectors < 2 + 2 * GPT_ENTRIES_MAX / GPT_SECTOR)
		return 0;
	if (read_at(fd, FIRST, first, sizeof first, e) < 0)
		return -1;
	if (!gpt_decode(first, &g) || g.backup + 1 + g.entries_size / GPT_SECTOR >= sectors)
		return 0;
	if (read_at(fd, g.entries, entries, g.entries_size, e) < 0)
		return -1;
	if (checksum(entries, g.entries_size) != get(first + AT_ENTRIES_CHECKSUM, 4))
		return 0;
	return move(fd, &g, first, entries, sectors, e);
}
