#include "fatsize.h"

#include <string.h>
#include <unistd.h>

#include "../base/bytes.h"
#include "../base/fd.h"

enum { SECTOR_LEAST = 512, SECTOR_MOST = 4096, ENTRY = 4, FIRST_CLUSTER = 2 };
#define CLUSTERS_MAX ((uint64_t)0x0ffffff5)
#define MIB          ((uint64_t)1 << 20)

/* Offsets in the first sector. */
enum {
	AT_SECTOR = 11,
	AT_PER_CLUSTER = 13,
	AT_RESERVED = 14,
	AT_TABLES = 16,
	AT_TABLE_SECTORS_16 = 22,
	AT_SECTORS = 32,
	AT_TABLE_SECTORS = 36,
	AT_INFO = 48,
	AT_BACKUP = 50,
	AT_END = 510,
};

/* In the sector of counters, and what says that it is one. */
enum { AT_INFO_MARK = 484, AT_FREE = 488 };
#define INFO_MARK 0x61417272
#define UNKNOWN   0xffffffff

uint64_t fatsize_clusters(const struct fatsize *f, uint64_t sectors)
{
	return sectors <= f->data ? 0 : (sectors - f->data) / (f->cluster / f->sector);
}

/* A number of one bit. */
static bool is_power(uint32_t n)
{
	return n && !(n & (n - 1));
}

static uint64_t most_sectors(const struct fatsize *f)
{
	uint64_t clusters = (uint64_t)f->table_sectors * f->sector / ENTRY;

	clusters = clusters > FIRST_CLUSTER ? clusters - FIRST_CLUSTER : 0;
	if (clusters > CLUSTERS_MAX)
		clusters = CLUSTERS_MAX;

	uint64_t sectors = f->data + clusters * (f->cluster / f->sector);

	return sectors < UINT32_MAX ? sectors : UINT32_MAX;
}

bool fatsize_decode(const uint8_t boot[FATSIZE_BOOT], struct fatsize *out)
{
	uint32_t per_cluster = boot[AT_PER_CLUSTER];
	struct fatsize f = { .sector = le16_get(boot + AT_SECTOR),
		             .sectors = le32_get(boot + AT_SECTORS),
		             .tables = le16_get(boot + AT_RESERVED),
		             .n_tables = boot[AT_TABLES],
		             .table_sectors = le32_get(boot + AT_TABLE_SECTORS),
		             .info = le16_get(boot + AT_INFO),
		             .backup = le16_get(boot + AT_BACKUP) };

	if (le16_get(boot + AT_END) != 0xaa55 || le16_get(boot + AT_TABLE_SECTORS_16) != 0)
		return false;
	if (!is_power(f.sector) || f.sector < SECTOR_LEAST || f.sector > SECTOR_MOST ||
	    !is_power(per_cluster))
		return false;
	if (f.tables == 0 || f.n_tables == 0 || f.table_sectors == 0 || f.info >= f.tables ||
	    f.backup >= f.tables)
		return false;
	f.cluster = per_cluster * f.sector;
	f.data = f.tables + (uint64_t)f.n_tables * f.table_sectors;
	f.most = most_sectors(&f);
	if (f.sectors <= f.data || f.sectors > f.most)
		return false;
	*out = f;
	return true;
}

/* A file system on a device: its descriptor, and where on it. */
struct place {
	int fd;
	uint64_t at; /* bytes */
	uint32_t sector;
};

static int read_at(const struct place *p, uint64_t offset, void *to, size_t len, struct err *e)
{
	if (fd_pread_full(p->fd, to, len, p->at + offset) != (ssize_t)len)
		return err_sys(e, "read the FAT file system");
	return 0;
}

static int write_at(const struct place *p, uint64_t offset, const void *from, size_t len, struct err *e)
{
	if (pwrite(p->fd, from, len, (off_t)(p->at + offset)) != (ssize_t)len)
		return err_sys(e, "write the FAT file system");
	return 0;
}

static int flush(const struct place *p, struct err *e)
{
	return fdatasync(p->fd) < 0 ? err_sys(e, "write the FAT file system") : 0;
}

/* Clusters that were not there are free, whatever stood behind the table's end. */
static int free_entries(const struct place *p, uint64_t from, uint64_t to, struct err *e)
{
	/* not const: 64 KiB less in the program */
	static uint8_t zeros[1 << 16], found[sizeof zeros];

	while (from < to) {
		size_t len = to - from < sizeof zeros ? (size_t)(to - from) : sizeof zeros;

		if (read_at(p, from, found, len, e) < 0)
			return -1;
		if (memcmp(found, zeros, len) != 0 && write_at(p, from, zeros, len, e) < 0)
			return -1;
		from += len;
	}
	return 0;
}

static int free_clusters(const struct place *p, const struct fatsize *f, uint64_t was, uint64_t now,
                         struct err *e)
{
	for (uint32_t i = 0; was < now && i < f->n_tables; i++) {
		uint64_t table = (f->tables + (uint64_t)i * f->table_sectors) * f->sector;

		if (free_entries(p, table + (FIRST_CLUSTER + was) * ENTRY,
		                 table + (FIRST_CLUSTER + now) * ENTRY, e) < 0)
			return -1;
	}
	return flush(p, e);
}

static int count_free(const struct place *p, uint32_t sector, uint64_t was, uint64_t now, struct err *e)
{
	uint8_t info[FATSIZE_BOOT];
	uint64_t offset = (uint64_t)sector * p->sector;

	if (read_at(p, offset, info, sizeof info, e) < 0)
		return -1;

	uint32_t n = le32_get(info + AT_FREE);

	if (le32_get(info + AT_INFO_MARK) != INFO_MARK || n == UNKNOWN)
		return 0;
	le32_put(info + AT_FREE, n + now < was ? UNKNOWN : (uint32_t)(n + now - was));
	return write_at(p, offset, info, sizeof info, e);
}

/* What firmware and checkers look at besides; the size holds by now. */
static int write_copies(const struct place *p, const struct fatsize *f, const uint8_t boot[FATSIZE_BOOT],
                        uint64_t was, uint64_t now, struct err *e)
{
	if (f->info && count_free(p, f->info, was, now, e) < 0)
		return -1;
	if (f->backup && (write_at(p, (uint64_t)f->backup * f->sector, boot, FATSIZE_BOOT, e) < 0 ||
	                  (f->info && count_free(p, f->backup + f->info, was, now, e) < 0)))
		return -1;
	return flush(p, e);
}

/* Reads boot and *f; *sectors is what it can have of `room` bytes. 1: worth it; 0: not. */
static int measure(struct place *p, uint8_t boot[FATSIZE_BOOT], struct fatsize *f, uint64_t room,
                   uint64_t *sectors, struct err *e)
{
	if (read_at(p, 0, boot, FATSIZE_BOOT, e) < 0)
		return -1;
	if (!fatsize_decode(boot, f))
		return 0;
	p->sector = f->sector;
	*sectors = room / f->sector < f->most ? room / f->sector : f->most;

	uint64_t was = fatsize_clusters(f, f->sectors), now = fatsize_clusters(f, *sectors);

	return now > 0 && (now < was || (now - was) * f->cluster >= MIB);
}

int fatsize_could_set(int fd, uint64_t at, uint64_t room, struct err *e)
{
	struct place p = { .fd = fd, .at = at };
	uint8_t boot[FATSIZE_BOOT];
	struct fatsize f;
	uint64_t sectors;

	return measure(&p, boot, &f, room, &sectors, e);
}

int fatsize_set(int fd, uint64_t at, uint64_t room, struct err *e)
{
	struct place p = { .fd = fd, .at = at };
	uint8_t boot[FATSIZE_BOOT];
	struct fatsize f;
	uint64_t sectors;
	int worth = measure(&p, boot, &f, room, &sectors, e);

	if (worth <= 0)
		return worth;

	uint64_t was = fatsize_clusters(&f, f.sectors), now = fatsize_clusters(&f, sectors);

	if (free_clusters(&p, &f, was, now, e) < 0)
		return -1;
	le32_put(boot + AT_SECTORS, (uint32_t)sectors);
	if (write_at(&p, 0, boot, sizeof boot, e) < 0 || flush(&p, e) < 0)
		return -1;
	return write_copies(&p, &f, boot, was, now, e) < 0 ? -1 : 1;
}
