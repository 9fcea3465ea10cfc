#include "slotmark.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../init/base/fd.h"

enum { ALIGNMENT = 4096 };

static int read_record(int fd, struct slot_record *record, struct err *e)
{
	uint8_t sector[SLOT_HEADER];
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st) < 0 || (n = fd_read_full(fd, sector, sizeof sector)) < 0)
		return err_sys(e, "read its header");
	if (slot_decode(sector, (size_t)n, (uint64_t)st.st_size, record, e) > 0)
		return 0;
	return e->text[0] ? -1 : err_say(e, "empty");
}

/* Past the cache, where the file system can. */
static int read_back(int dir, int number, const uint8_t sector[SLOT_HEADER], struct err *e)
{
	static _Alignas(ALIGNMENT) uint8_t block[ALIGNMENT];
	FD_AUTO fd = slot_open(dir, number, O_RDONLY | O_DIRECT);
	ssize_t n = fd < 0 ? -1 : pread(fd, block, sizeof block, 0);

	if (n < 0) {
		fd_drop(&fd);
		fd = slot_open(dir, number, O_RDONLY);
		n = fd < 0 ? -1 : pread(fd, block, sizeof block, 0);
	}
	if (n < 0)
		return err_sys(e, "read back");
	if (n < SLOT_HEADER || memcmp(block, sector, SLOT_HEADER) != 0)
		return err_say(e, "the medium gave back other bytes than were written");
	return 0;
}

static int write_header(int dir, int number, int fd, const struct slot_record *record,
                        struct err *e)
{
	uint8_t sector[SLOT_HEADER];
	ssize_t n;

	slot_encode(record, sector);
	n = pwrite(fd, sector, sizeof sector, 0);
	if (n >= 0 && n < (ssize_t)sizeof sector)
		return err_say(e, "write its header: cut short");
	if (n < 0 || fdatasync(fd) < 0)
		return err_sys(e, "write its header");
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	return read_back(dir, number, sector, e);
}

int slotmark(int dir, int number, uint64_t sequence, enum slot_trial trial, struct err *e)
{
	FD_AUTO fd = slot_open(dir, number, O_RDWR);
	struct slot_record record;

	e->text[0] = '\0';
	if (fd < 0)
		return err_sys(e, SLOT_PREFIX "%d: open for writing", number);
	if (read_record(fd, &record, e) < 0)
		return err_wrap(e, SLOT_PREFIX "%d", number);
	if (record.sequence != sequence || record.unfinished || !slot_trial_is_open(&record))
		return err_say(e, SLOT_PREFIX "%d: no trial of generation %" PRIu64, number,
		               sequence);
	record.trial = trial;
	return write_header(dir, number, fd, &record, e) < 0
	               ? err_wrap(e, SLOT_PREFIX "%d", number)
	               : 0;
}
