/* toramfile: how far the root's way to memory is (PATH_TORAM), and the medium it left.
 *
 * Written by slate-boot and by the process that it leaves behind to copy, as
 * key=value lines; read by the commands. No file: nothing is copied.  */
#ifndef MEDIUM_TORAMFILE_H
#define MEDIUM_TORAMFILE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "../../init/base/err.h"

#define TORAM_PROCESS "slate-toram" /* the copying process's name in /proc */

enum toram_state {
	TORAM_NOTHING, /* nothing was asked for */
	TORAM_COPYING, /* the medium is still needed */
	TORAM_HELD,    /* all is in memory, and the medium was let go */
	TORAM_LOST,    /* it could not be copied; the medium is still needed */
};

struct toramfile {
	enum toram_state state;
	uint64_t done, whole; /* bytes */
	pid_t pid;            /* who copies; 0: nobody */
	/* of the medium, to find it and to mount it again */
	char device[128]; /* "/dev/sda1" */
	char label[64], uuid[64], fstype[32];
	char options[600];
};

/* 0, or -1 with *e. */
int toramfile_write(const char *path, const struct toramfile *t, struct err *e);

/* Never fails: what is not there or not understood is TORAM_NOTHING. A copy whose
 * process is gone is TORAM_LOST. */
void toramfile_read(const char *path, struct toramfile *t);

#endif
