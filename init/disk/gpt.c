#include "gpt.h"

#include <stddef.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "../base/bytes.h"

enum { HEADER_LEAST = 92, FIRST = 1, ENTRIES = 2, ENTRY_LEAST = 128 };
/* Partitions end at whole MiB: what erases in larger blocks is not read to write a part. */
#define ALIGNMENT ((uint64_t)2048)

/* Offsets in a header. */
enum {
	AT_SIZE = 12,
	AT_CHECKSUM = 16,
	AT_HERE = 24,
	AT_OTHER = 32,
	AT_FIRST_USABLE = 40,
	AT_LAST_USABLE = 48,
	AT_ENTRIES = 72,
	AT_COUNT = 80,
	AT_ENTRY_SIZE = 84,
	AT_ENTRIES_CHECKSUM = 88,
};

/* Offsets in an entry; both sectors are the partition's own. */
enum { AT_FIRST = 32, AT_LAST = 40 };

/* In the old partition table before it: one partition that stands for all. */
enum { MBR_ENTRY = 446, MBR_TYPE = 4, MBR_SECTORS = 12, MBR_PROTECTIVE = 0xee };

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
	return checksum(copy, le32_get(header + AT_SIZE));
}

bool gpt_decode(const uint8_t header[GPT_SECTOR], struct gpt *out)
{
	uint64_t size = le32_get(header + AT_SIZE);
	uint64_t bytes = (uint64_t)le32_get(header + AT_COUNT) * le32_get(header + AT_ENTRY_SIZE);

	if (memcmp(header, "EFI PART", 8) != 0 || size < HEADER_LEAST || size > GPT_SECTOR)
		return false;
	if (le32_get(header + AT_CHECKSUM) != header_checksum(header) ||
	    le64_get(header + AT_HERE) != FIRST)
		return false;
	if (bytes == 0 || bytes > GPT_ENTRIES_MAX || bytes % GPT_SECTOR)
		return false;
	*out = (struct gpt){ .backup = le64_get(header + AT_OTHER),
		             .entries = le64_get(header + AT_ENTRIES),
		             .entries_size = (uint32_t)bytes,
		             .entry_size = le32_get(header + AT_ENTRY_SIZE) };
	return out->entries > FIRST && out->entries < UINT32_MAX && out->backup > out->entries;
}

void gpt_place(uint8_t header[GPT_SECTOR], const struct gpt *g, uint64_t here, uint64_t entries,
               uint64_t sectors)
{
	uint64_t last = sectors - 1;

	le64_put(header + AT_HERE, here);
	le64_put(header + AT_OTHER, here == FIRST ? last : FIRST);
	le64_put(header + AT_ENTRIES, entries);
	le64_put(header + AT_LAST_USABLE, last - g->entries_size / GPT_SECTOR - 1);
	le32_put(header + AT_CHECKSUM, header_checksum(header));
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
	le32_put(entry + MBR_SECTORS,
	         sectors - 1 < UINT32_MAX ? (uint32_t)(sectors - 1) : UINT32_MAX);
	return write_at(fd, 0, mbr, sizeof mbr, e);
}

/* The table that is read first. True: it is whole, header and entries. */
static int read_table(int fd, uint64_t sectors, struct gpt *g, uint8_t first[GPT_SECTOR],
                      uint8_t entries[GPT_ENTRIES_MAX], struct err *e)
{
	if (sectors < 2 + 2 * GPT_ENTRIES_MAX / GPT_SECTOR)
		return 0;
	if (read_at(fd, FIRST, first, GPT_SECTOR, e) < 0)
		return -1;
	if (!gpt_decode(first, g) || g->backup >= sectors)
		return 0;
	if (read_at(fd, g->entries, entries, g->entries_size, e) < 0)
		return -1;
	return checksum(entries, g->entries_size) == le32_get(first + AT_ENTRIES_CHECKSUM);
}

/* The backup first, then the one sector that says which table holds. `g->entries`: where
 * the first table has its entries, which are there. */
static int replace_table(int fd, const struct gpt *g, uint8_t first[GPT_SECTOR], const void *entries,
                         uint64_t sectors, struct err *e)
{
	static const uint8_t zeros[GPT_SECTOR];

	if (write_backup(fd, g, first, entries, sectors, e) < 0)
		return -1;
	gpt_place(first, g, FIRST, g->entries, sectors);
	if (write_at(fd, FIRST, first, GPT_SECTOR, e) < 0 || grow_protective(fd, sectors, e) < 0)
		return -1;
	return g->backup == sectors - 1 ? 0 : write_at(fd, g->backup, zeros, sizeof zeros, e);
}

int gpt_move_backup(int fd, uint64_t size, struct err *e)
{
	static uint8_t entries[GPT_ENTRIES_MAX];
	uint64_t sectors = size / GPT_SECTOR;
	uint8_t first[GPT_SECTOR];
	struct gpt g;
	int whole = read_table(fd, sectors, &g, first, entries, e);

	if (whole <= 0)
		return whole;
	if (g.backup + 1 + g.entries_size / GPT_SECTOR >= sectors)
		return 0;
	return replace_table(fd, &g, first, entries, sectors, e) < 0 ? -1 : 1;
}

/* The first sector behind `part` that is another's, or *before any: the first of all. */
static void neighbours(const struct gpt *g, const uint8_t *entries, const struct gpt_part *part,
                       uint64_t *behind, uint64_t *before)
{
	for (size_t at = 0; at + g->entry_size <= g->entries_size; at += g->entry_size) {
		uint64_t first = le64_get(entries + at + AT_FIRST);

		if (first && first < *before)
			*before = first;
		if (first > part->start && first < *behind)
			*behind = first;
	}
}

/* Where entries fit that are not the ones which hold. 0: nowhere. */
static uint64_t other_place(const struct gpt *g, uint64_t before)
{
	uint64_t n = g->entries_size / GPT_SECTOR;

	if (g->entries >= ENTRIES + n)
		return ENTRIES;
	return g->entries + 2 * n <= before ? g->entries + n : 0;
}

static int lengthen(int fd, struct gpt *g, uint8_t first[GPT_SECTOR], uint8_t *entries,
                    uint64_t sectors, uint64_t before, struct err *e)
{
	uint64_t place = other_place(g, before), n = g->entries_size / GPT_SECTOR;

	if (place == 0)
		return err_say(e, "partition table: there is no room for a second one before the "
		                  "first partition");
	if (write_at(fd, place, entries, g->entries_size, e) < 0)
		return -1;
	g->entries = place;
	le32_put(first + AT_ENTRIES_CHECKSUM, checksum(entries, g->entries_size));
	if (le64_get(first + AT_FIRST_USABLE) < place + n)
		le64_put(first + AT_FIRST_USABLE, place + n);
	return replace_table(fd, g, first, entries, sectors, e);
}

/* The entry of partition `number`; NULL: there is none. */
static uint8_t *find_entry(const struct gpt *g, uint8_t *entries, unsigned number, uint64_t sectors,
                           struct gpt_part *part)
{
	if (number < 1 || g->entry_size < ENTRY_LEAST || number > g->entries_size / g->entry_size)
		return NULL;

	uint8_t *entry = entries + (size_t)(number - 1) * g->entry_size;
	uint64_t start = le64_get(entry + AT_FIRST), last = le64_get(entry + AT_LAST);

	if (start == 0 || last < start || last >= sectors)
		return NULL;
	*part = (struct gpt_part){ start, last - start + 1 };
	return entry;
}

int gpt_find(int fd, uint64_t size, unsigned number, struct gpt_part *part, struct err *e)
{
	static uint8_t entries[GPT_ENTRIES_MAX];
	uint64_t sectors = size / GPT_SECTOR;
	uint8_t first[GPT_SECTOR];
	struct gpt g;
	int whole = read_table(fd, sectors, &g, first, entries, e);

	return whole <= 0 ? whole : find_entry(&g, entries, number, sectors, part) != NULL;
}

int gpt_grow(int fd, uint64_t size, unsigned number, struct gpt_part *part, struct err *e)
{
	static uint8_t entries[GPT_ENTRIES_MAX];
	uint64_t sectors = size / GPT_SECTOR, before = UINT64_MAX;
	uint8_t first[GPT_SECTOR];
	struct gpt g;
	int whole = read_table(fd, sectors, &g, first, entries, e);

	if (whole <= 0)
		return whole;

	uint8_t *entry = find_entry(&g, entries, number, sectors, part);
	uint64_t behind = (sectors - 1 - g.entries_size / GPT_SECTOR) / ALIGNMENT * ALIGNMENT;

	if (!entry)
		return 0;
	neighbours(&g, entries, part, &behind, &before);
	if (behind < part->start + part->sectors + ALIGNMENT)
		return 0;
	part->sectors = behind - part->start;
	le64_put(entry + AT_LAST, behind - 1);
	return lengthen(fd, &g, first, entries, sectors, before, e) < 0 ? -1 : 1;
}
