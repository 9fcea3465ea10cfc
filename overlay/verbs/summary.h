/* summary: the stateless side of the machine at a glance, for `slate status`.
 *
 * Read from the mounts, the medium and what the boot left in /run/slate; nothing
 * is changed. What could not be read is 0, false or "", and `trouble` says why.  */
#ifndef VERBS_SUMMARY_H
#define VERBS_SUMMARY_H

#include <stdbool.h>
#include <stdint.h>

#include "../../init/base/err.h"
#include "../../init/base/meminfo.h"
#include "../changes/unsaved.h"
#include "../medium/toramfile.h"
#include "../tree/heaviest.h"

struct summary {
	bool layered;     /* there is an overlay: this machine forgets */
	bool verified;    /* every image was verified at boot */
	char images[512]; /* paths on the medium, ", " between them */

	bool medium_present, medium_writable;    /* writable: only for the moment of a save */
	char device[128], label[64], fstype[32]; /* of the medium */

	enum toram_state toram;           /* what of the images is in memory */
	uint64_t toram_done, toram_whole; /* bytes copied */

	struct meminfo memory;            /* of the whole machine */
	uint64_t upper_used, upper_limit; /* bytes */
	uint64_t inodes_used, inodes_limit;
	struct heaviest heaviest; /* where the overlay is nearly full; "": it is not */

	struct unsaved unsaved; /* changes that the next save would keep */
	uint64_t outside;       /* and files worth keeping that it would not (outside.h) */

	bool restored;              /* at this boot */
	uint64_t restored_sequence; /* 0: an Alpine archive */
	int64_t restored_time;      /* seconds since 1970 */

	uint64_t newest_sequence; /* newest complete generation on the medium; 0: none */
	int64_t newest_time;      /* seconds since 1970 */
	uint64_t trial_sequence; /* on trial in this boot; 0: none */
	uint64_t trial_left_s;   /* until it goes back */
	unsigned slots, generations, damaged; /* on the medium; damaged of the slots */

	char trouble[400]; /* "" or what could not be read */
};

/* 0, or -1 with *e when not even the mounts could be read. */
int summary_read(struct summary *s, struct err *e);

#endif
