#include "zram.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/swap.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/meminfo.h"
#include "stage.h"

#define SYS_ZRAM "/sys/block/zram0"
#define DEVICE   "/dev/zram0"

enum { HALF = 2, PERCENT = 100 };

/* Machines with less than this get it unasked. For others it is not worth its time: three
 * modules and a table are a tenth of a boot. */
#define LITTLE ((uint64_t)192 << 20)
#define LEAST  ((uint64_t)1 << 20)

static int parse_size(const char *setting, uint64_t total, uint64_t *bytes, struct err *e)
{
	static const char units[] = "KMG";
	size_t digits = strspn(setting, "0123456789");
	const char *unit = setting[digits] ? strchr(units, setting[digits] & ~0x20) : NULL;
	uint64_t n;

	if (span_uint((struct span){ setting, digits }, UINT32_MAX, &n)) {
		if (strcmp(setting + digits, "%") == 0 && n <= PERCENT) {
			*bytes = total / PERCENT * n;
			return 0;
		}
		if (unit && !setting[digits + 1]) {
			*bytes = n << (10 * (unit - units + 1));
			return 0;
		}
		if (!setting[digits]) {
			*bytes = n;
			return 0;
		}
	}
	return err_say(e, "slate.zram=%s: auto, no, or a size with K, M, G or %% is wanted", setting);
}

int zram_size(const char *setting, uint64_t total, uint64_t *bytes, struct err *e)
{
	*bytes = 0;
	if (!setting[0] || strcmp(setting, "auto") == 0) {
		if (total < LITTLE)
			*bytes = total / HALF;
	} else if (strcmp(setting, "no") != 0 && parse_size(setting, total, bytes, e) < 0) {
		return -1;
	}
	if (*bytes && *bytes < LEAST)
		return err_say(e, "slate.zram=%s: less than 1M is no help", setting);
	*bytes &= ~(LEAST - 1);
	return 0;
}

/* The layout of the kernel's union swap_header; mm/swapfile.c, mkswap(8). */
void zram_header(uint8_t *page, size_t page_size, uint64_t bytes)
{
	static const char magic[] = "SWAPSPACE2";
	const uint32_t version = 1;
	const uint32_t last = (uint32_t)(bytes / page_size - 1);

	memset(page, 0, page_size);
	memcpy(page + 1024, &version, sizeof version);
	memcpy(page + 1028, &last, sizeof last);
	memcpy(page + page_size - (sizeof magic - 1), magic, sizeof magic - 1);
}

/* One that writes what it can't compress to a disk would take secrets there. */
static int check_device(struct err *e)
{
	char text[256];
	struct err ignored;
	ssize_t len = fd_read_file(AT_FDCWD, SYS_ZRAM "/backing_dev", text, sizeof text, &ignored);

	if (len > 0 && strncmp(text, "none", 4) != 0)
		return err_say(e, "zram0 writes to a disk (backing_dev), which could take secrets there");
	len = fd_read_file(AT_FDCWD, SYS_ZRAM "/initstate", text, sizeof text, &ignored);
	return len > 0 && text[0] == '1' ? err_say(e, "zram0 is in use already") : 0;
}

static int write_header(uint64_t bytes, struct err *e)
{
	const size_t page_size = (size_t)sysconf(_SC_PAGESIZE);
	FD_AUTO fd = open(DEVICE, O_WRONLY | O_CLOEXEC);
	uint8_t *page = malloc(page_size);
	int result = -1;

	if (page && fd >= 0) {
		zram_header(page, page_size, bytes);
		result = fd_write_full(fd, page, page_size);
	}
	free(page);
	return result < 0 ? err_sys(e, "write " DEVICE) : 0;
}

static int set_up(uint64_t bytes, struct err *e)
{
	char text[32];
	int len = snprintf(text, sizeof text, "%" PRIu64 "\n", bytes);
	struct err ignored;

	if (check_device(e) < 0 ||
	    fd_write_file(AT_FDCWD, SYS_ZRAM "/disksize", text, (size_t)len, e) < 0 ||
	    write_header(bytes, e) < 0)
		return -1;
	if (swapon(DEVICE, SWAP_FLAG_PREFER | SWAP_FLAG_DISCARD | ZRAM_PRIORITY) < 0)
		return err_sys(e, "swap on " DEVICE);
	/* reading neighbours ahead pays on disks; here each page costs its own */
	fd_write_file(AT_FDCWD, "/proc/sys/vm/page-cluster", "0\n", 2, &ignored);
	return 0;
}

/* 1: the kernel has it now; 0: it has none; -1 with *e. */
static int load(struct boot *b, struct err *e)
{
	struct err ignored;

	/* its compressor is one of the kernel's modules; whoever needs none has none */
	modules_load(&b->modules, "lzo_rle", NULL, &ignored);
	if (modules_load(&b->modules, "zram", NULL, e) < 0)
		return -1;
	return access(SYS_ZRAM, F_OK) == 0;
}

int zram_run(struct boot *b, struct err *e)
{
	const char *setting = b->settings.zram;
	bool asked = setting[0] && strcmp(setting, "auto") != 0;
	struct meminfo m;
	uint64_t bytes;
	int there;

	if (meminfo_read(&m, e) < 0 || zram_size(setting, m.total, &bytes, e) < 0)
		return -1;
	if (bytes == 0)
		return STAGE_WAS_SKIPPED;
	there = load(b, e);
	if (there == 0 && !asked)
		return STAGE_WAS_SKIPPED;
	if (there == 0)
		return err_say(e, "slate.zram=%s: this kernel or initramfs has no zram", setting);
	if (there < 0 || set_up(bytes, e) < 0)
		return err_wrap(e, "slate.zram");
	boot_say(b, REPORT_INFO, "zram: %" PRIu64 " MiB of swap, compressed, in memory", bytes >> 20);
	return 0;
}
