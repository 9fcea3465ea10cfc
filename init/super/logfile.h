/* logfile: the log of one unit: UNIT.log, and UNIT.log.1, which it was before.
 *
 * Appends whole records; when the file has reached LOGFILE_MAX it becomes the
 * old one, and the old one is gone, so a unit's log never takes more than twice
 * that. When the file system is full the old one is given up first; then
 * records are dropped and counted, and the count is written once there is room.  */
#ifndef SUPER_LOGFILE_H
#define SUPER_LOGFILE_H

#include <stddef.h>
#include <stdint.h>

#define LOGFILE_MAX (256 * 1024)

struct logfile {
	int dir;         /* borrowed */
	int fd;          /* owned; -1: not open */
	uint64_t size;   /* of the open file */
	uint64_t lost;   /* records that are in no file */
	char name[264];  /* "UNIT.log" */
};

/* Nothing is opened before the first record. */
void logfile_init(struct logfile *f, int dir, const char *unit);

/* Appends `len` bytes, `records` whole records. Never fails: see `lost`. */
void logfile_append(struct logfile *f, const char *bytes, size_t len, unsigned records);

void logfile_close(struct logfile *f);

#endif
