/* rootspec: what `root=` asks for, and whether a device is it.
 *
 * LABEL=, UUID=, PARTLABEL=, PARTUUID=, /dev/NAME, and udev's names below
 * /dev/disk/by-*. A URL is told apart: its image comes over the network; so are
 * nfs:HOST:/PATH and nbd:HOST:EXPORT, see sharedroot.h.  */
#ifndef BOOT_ROOTSPEC_H
#define BOOT_ROOTSPEC_H

#include <stdbool.h>

#include "../base/err.h"
#include "../base/span.h"
#include "probe.h"

#define ROOT_NBD_DEVICE "nbd0"

enum root_kind {
	ROOT_KIND_NONE,
	ROOT_LABEL,
	ROOT_UUID,
	ROOT_PARTLABEL,
	ROOT_PARTUUID,
	ROOT_DEVICE,  /* value: the name below /dev */
	ROOT_NETWORK, /* http://, https:// */
	ROOT_NFS,     /* value: what is behind "nfs:" */
	ROOT_NBD,     /* the same; it is /dev/nbd0 once it is connected */
	ROOT_FILE,    /* not of root=: any device that holds a file */
};

struct rootspec {
	enum root_kind kind;
	char value[256];
};

/* 0, or -1 with *e: not a form of root=, or a value that can't be. */
int rootspec_parse(struct span text, struct rootspec *out, struct err *e);

/* Only the partition table can tell, so a whole disk need not be looked at. */
bool rootspec_needs_partition(const struct rootspec *spec);

/* Must the device `name` be probed to know whether it is meant? */
bool rootspec_concerns(const struct rootspec *spec, const char *name, bool partition);

/* Is the probed device `name` what is asked for? Labels are compared to the byte,
 * UUIDs in any case of letters. */
bool rootspec_matches(const struct rootspec *spec, const char *name, const struct probed *p);

#endif
