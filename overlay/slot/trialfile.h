/* trialfile: what the running system knows about a trial, in PATH_TRIAL.
 *
 * Written by whoever begins a trial (a save, or the boot that takes one), read by
 * the watch over it. No file: there is nothing to watch.  */
#ifndef SLOT_TRIALFILE_H
#define SLOT_TRIALFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "../../init/base/err.h"

struct trialfile {
	uint64_t sequence;    /* 0: whichever is on trial: it is being saved */
	uint32_t seconds;
	uint64_t deadline_ms; /* CLOCK_MONOTONIC */
	bool booted;          /* this boot took it: it has to reach its target */
	bool ended;           /* this boot did not take it: only the slot has to hear of it */
};

/* 0, or -1 with *e. */
int trialfile_write(const char *path, const struct trialfile *t, struct err *e);

/* 1: *t; 0: there is none; -1 with *e: it can't be read. */
int trialfile_read(const char *path, struct trialfile *t, struct err *e);

/* "10 min", "90 s", for messages. */
struct trial_time {
	char text[24];
} trial_time(uint32_t seconds);

/* "10m", "90s", "1h", "600" (seconds). False: none of these, or out of bounds. */
bool trial_parse_time(const char *text, uint32_t *seconds);

#endif
