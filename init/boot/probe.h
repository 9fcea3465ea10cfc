/* probe: what libblkid reads from block devices, in a child.
 *
 * Super blocks are foreign bytes: a device whose contents crash or hang the
 * probe is one line in the list of what was seen, nothing more.  */
#ifndef BOOT_PROBE_H
#define BOOT_PROBE_H

#include <stddef.h>
#include <stdint.h>

#include "../base/err.h"

#define PROBE_BATCH 16 /* devices in one child */

struct probed {
	char fstype[20]; /* "": nothing recognised */
	char label[128];
	char uuid[48];
	char partlabel[128]; /* these two only when asked for */
	char partuuid[48];
	char why[160]; /* "": probed; else why it could not be */
	uint64_t size; /* bytes */
};

/* Probes the devices `names` (below /dev), n <= PROBE_BATCH, into out[n]; what
 * goes wrong with one of them stands in its `why`. `partition_tables`: fill
 * partlabel and partuuid too. Takes at most `limit_ms`, and when
 * one of them ends the child or hangs, that again for each. */
void probe_devices(const char *const *names, size_t n, int partition_tables, uint64_t limit_ms,
                   struct probed *out);

/* May a medium have this type of file system? Never more than this list. */
int probe_type_is_allowed(const char *fstype);

#endif
