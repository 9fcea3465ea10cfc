/* gpt, fatsize: a table and a file system on a disk larger than their image, and what a
 * power cut between any two of their writes leaves.
 *
 * sfdisk and mkfs.fat make them, sfdisk and fsck.fat judge what became of them.  */
#include "../../../init/base/bytes.h"
#include "../../../init/base/fd.h"
#include "../../../init/disk/fatsize.h"
#include "../../../init/disk/gpt.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h>

#define MIB ((uint64_t)1 << 20)
enum { DISK_MIB = 200, GROWN_MIB = 1000, START_MIB = 2 };

static char dir_path[] = "/tmp/slate-disk-XXXXXX";
static char image[64], original[64];

/* How many writes still reach the disk before the power goes. */
static int writes_left;
ssize_t pwrite(int fd, const void *from, size_t len, off_t at);

ssize_t pwrite(int fd, const void *from, size_t len, off_t at)
{
	if (writes_left == 0) {
		errno = EIO;
		return -1;
	}
	writes_left -= writes_left > 0;
	return (ssize_t)syscall(SYS_pwrite64, fd, from, len, at);
}

static int sh(const char *format, ...) ERR_PRINTF(1, 2);

static int sh(const char *format, ...)
{
	char command[600];
	va_list ap;

	va_start(ap, format);
	vsnprintf(command, sizeof command, format, ap);
	va_end(ap);
	return system(command);
}

/* A disk as `slate image build` makes one, with a file system in its first partition;
 * `original` keeps it. */
static int make_disk(void **state)
{
	(void)state;
	setenv("PATH", "/usr/sbin:/sbin:/usr/bin:/bin", 1);
	if (!mkdtemp(dir_path))
		return -1;
	snprintf(image, sizeof image, "%s/disk.img", dir_path);
	snprintf(original, sizeof original, "%s/original.img", dir_path);
	return sh("truncate -s %dM %s", DISK_MIB, original) ||
	       sh("printf 'label: gpt\\nstart=2MiB, size=197MiB, name=SLATE\\n"
	          "start=1MiB, size=1MiB, name=BIOS\\n' | sfdisk -q %s", original) ||
	       sh("mkfs.fat -F 32 -s 4 -h 4096 --offset 4096 %s %d >%s/log", original, GROWN_MIB * 1024, dir_path) ||
	       sh("head -c 3000000 /dev/urandom >%s/file && mcopy -i %s@@2M %s/file ::", dir_path, original, dir_path);
}

static int remove_disk(void **state)
{
	(void)state;
	return sh("rm -rf %s", dir_path);
}

/* The disk anew, and larger by what a stick has more. */
static int open_disk(unsigned mib)
{
	assert_int_equal(sh("cp --sparse=always %s %s && truncate -s %uM %s", original, image, mib, image), 0);
	writes_left = -1;
	return open(image, O_RDWR | O_CLOEXEC);
}

/* As the kernel reads it: the first table alone counts. */
static uint64_t table_says(int fd)
{
	static uint8_t entries[GPT_ENTRIES_MAX];
	uint8_t header[GPT_SECTOR];
	struct gpt g;

	assert_int_equal(pread(fd, header, sizeof header, GPT_SECTOR), sizeof header);
	assert_true(gpt_decode(header, &g));
	assert_int_equal(pread(fd, entries, g.entries_size, (off_t)g.entries * GPT_SECTOR), g.entries_size);
	assert_int_equal(le32_get(header + 88), crc32(0, entries, g.entries_size));
	assert_int_equal(le64_get(entries + 32), START_MIB * MIB / GPT_SECTOR);
	return le64_get(entries + 40) - le64_get(entries + 32) + 1;
}

static int grow(int fd, unsigned mib, unsigned number, struct gpt_part *part)
{
	struct err e = { 0 };
	int result = gpt_grow(fd, mib * MIB, number, part, &e);

	assert_int_equal(result < 0, e.text[0] != '\0');
	return result;
}

static void a_partition_ends_where_the_disk_does(void **state)
{
	struct gpt_part part;
	FD_AUTO fd = open_disk(DISK_MIB * 3);

	(void)state;
	assert_int_equal(grow(fd, DISK_MIB * 3, 1, &part), 1);
	assert_int_equal(part.start, START_MIB * MIB / GPT_SECTOR);
	assert_int_equal(part.sectors, (DISK_MIB * 3 - START_MIB - 1) * MIB / GPT_SECTOR);
	assert_int_equal(table_says(fd), part.sectors);
	assert_int_equal(sh("sfdisk --verify %s >%s/log 2>&1 && grep -q 'No errors' %s/log", image, dir_path, dir_path), 0);
	assert_int_equal(sh("sfdisk -d %s | grep -q 'start= *2048.*BIOS'", image), 0);
	/* there is nothing more to be had, and on a still larger disk there is */
	assert_int_equal(grow(fd, DISK_MIB * 3, 1, &part), 0);
	assert_int_equal(ftruncate(fd, DISK_MIB * 4 * MIB), 0);
	assert_int_equal(grow(fd, DISK_MIB * 4, 1, &part), 1);
	assert_int_equal(sh("sfdisk --verify %s 2>&1 | grep -q 'No errors'", image), 0);
}

static void a_count_of_entries_that_overflows_is_refused(void **state)
{
	enum { CHECKSUM = 16, COUNT = 80 };
	uint8_t header[GPT_SECTOR];
	struct gpt g;
	FD_AUTO fd = open_disk(DISK_MIB);

	(void)state;
	assert_int_equal(pread(fd, header, sizeof header, GPT_SECTOR), sizeof header);
	assert_true(gpt_decode(header, &g));
	le32_put(header + COUNT, (1u << 25) + le32_get(header + COUNT)); /* of 128 bytes each */
	le32_put(header + CHECKSUM, 0);
	le32_put(header + CHECKSUM, (uint32_t)crc32(0, header, 92));
	assert_false(gpt_decode(header, &g));
}

static void what_can_not_be_longer_stays(void **state)
{
	struct gpt_part part;
	FD_AUTO fd = open_disk(DISK_MIB * 2);
	uint8_t byte = 0xff;

	(void)state;
	assert_int_equal(grow(fd, DISK_MIB, 1, &part), 0);       /* the disk is no larger */
	assert_int_equal(grow(fd, DISK_MIB * 2, 2, &part), 0);   /* the first lies behind it */
	assert_int_equal(grow(fd, DISK_MIB * 2, 3, &part), 0);   /* is not there */
	assert_int_equal(grow(fd, DISK_MIB * 2, 200, &part), 0); /* nor in the table */
	assert_int_equal(pwrite(fd, &byte, 1, 2 * GPT_SECTOR + 5000), 1);
	assert_int_equal(grow(fd, DISK_MIB * 2, 1, &part), 0); /* a damaged table */
}

static void a_power_cut_leaves_the_one_table_or_the_other(void **state)
{
	uint64_t before = 0;
	int result, cut = 0;

	(void)state;
	do {
		struct gpt_part part;
		FD_AUTO fd = open_disk(DISK_MIB * 2);

		before = table_says(fd);
		writes_left = cut;
		result = grow(fd, DISK_MIB * 2, 1, &part);
		writes_left = -1;

		uint64_t after = table_says(fd);

		assert_true(after == before || after == part.sectors);
		assert_true(grow(fd, DISK_MIB * 2, 1, &part) >= 0);
		assert_int_equal(table_says(fd), (DISK_MIB * 2 - START_MIB - 1) * MIB / GPT_SECTOR);
	} while (cut++, result < 0);
	assert_int_equal(cut, 7); /* each of its six writes was one */
}

static int set(int fd, uint64_t room)
{
	struct err e = { 0 };
	int result = fatsize_set(fd, START_MIB * MIB, room, &e);

	assert_int_equal(result < 0, e.text[0] != '\0');
	return result;
}

/* The file is whole, and fsck.fat has nothing to say but what `may` matches. */
static void fat_is_whole(const char *may)
{
	assert_int_equal(sh("mtype -i %s@@2M ::file | cmp -s - %s/file", image, dir_path), 0);
	assert_int_equal(sh("dd if=%s of=%s/fat bs=1M skip=2 conv=sparse status=none && fsck.fat -n %s/fat >%s/log; "
	                    "! grep -vE '^fsck.fat |clusters$|%s' %s/log", image, dir_path, dir_path,
	                    dir_path, may, dir_path), 0);
}

static void a_fat_becomes_smaller_and_grows_as_far_as_its_tables(void **state)
{
	FD_AUTO fd = open_disk(GROWN_MIB * 2);

	(void)state;
	assert_int_equal(set(fd, 150 * MIB), 1);
	fat_is_whole("^$");
	assert_int_equal(sh("minfo -i %s@@2M | grep -q 'small size: 0 sectors' && "
	                    "minfo -i %s@@2M | grep -qE 'big size: 307200 sectors'", image, image), 0);
	assert_int_equal(set(fd, 400 * MIB), 1);
	fat_is_whole("^$");
	assert_int_equal(set(fd, 400 * MIB), 0);
	/* the table of 1000 MiB and the rest of its last sector */
	assert_int_equal(set(fd, GROWN_MIB * 2 * MIB), 1);
	fat_is_whole("^$");
	assert_int_equal(set(fd, GROWN_MIB * 3 * MIB), 0);
}

/* Behind the end of a table may stand anything. */
static void new_clusters_are_free(void **state)
{
	FD_AUTO fd = open_disk(GROWN_MIB);
	uint8_t junk[300000];

	(void)state;
	memset(junk, 0x5a, sizeof junk);
	assert_int_equal(set(fd, 150 * MIB), 1);
	/* 32 sectors are reserved; 75,000 entries of four bytes hold the 150 MiB and less */
	assert_int_equal(pwrite(fd, junk, sizeof junk, START_MIB * MIB + 32 * 512 + 320000), sizeof junk);
	assert_int_equal(set(fd, 600 * MIB), 1);
	fat_is_whole("FATs differ|first FAT|second FAT|^$");
}

static void a_power_cut_leaves_the_one_size_or_the_other(void **state)
{
	int result, cut = 0;

	(void)state;
	do {
		FD_AUTO fd = open_disk(GROWN_MIB);

		assert_int_equal(set(fd, 150 * MIB), 1);
		writes_left = cut;
		result = set(fd, 600 * MIB);
		writes_left = -1;
		/* the copies of the first sector and of the counters may be the old ones */
		fat_is_whole("boot sector|mostly harmless|^  [0-9]+:|Free cluster summary|utomatically|Auto-correcting|Leaving|^$");
		assert_true(set(fd, 600 * MIB) >= 0);
	} while (cut++, result < 0);
	assert_true(cut > 4);
}

static void what_is_no_fat32_is_left_alone(void **state)
{
	uint8_t boot[FATSIZE_BOOT] = { 0 };
	FD_AUTO fd = open_disk(DISK_MIB);
	struct fatsize f;

	(void)state;
	assert_false(fatsize_decode(boot, &f));
	assert_int_equal(pread(fd, boot, sizeof boot, START_MIB * MIB), sizeof boot);
	assert_true(fatsize_decode(boot, &f));
	assert_int_equal(f.cluster, 2048);
	for (unsigned at = 11; at < 52; at++) {
		uint8_t other[FATSIZE_BOOT];

		memcpy(other, boot, sizeof other);
		other[at] = 0xff;
		if (fatsize_decode(other, &f))
			assert_true(f.sectors <= f.most && f.data < f.sectors && f.info < f.tables);
	}
	assert_int_equal(sh("mkfs.fat -F 16 -h 4096 --offset 4096 %s 100000 >%s/log", image, dir_path), 0);
	assert_int_equal(set(fd, 600 * MIB), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_partition_ends_where_the_disk_does),
		cmocka_unit_test(a_count_of_entries_that_overflows_is_refused),
		cmocka_unit_test(what_can_not_be_longer_stays),
		cmocka_unit_test(a_power_cut_leaves_the_one_table_or_the_other),
		cmocka_unit_test(a_fat_becomes_smaller_and_grows_as_far_as_its_tables),
		cmocka_unit_test(new_clusters_are_free),
		cmocka_unit_test(a_power_cut_leaves_the_one_size_or_the_other),
		cmocka_unit_test(what_is_no_fat32_is_left_alone),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_disk, remove_disk);
}
