/* sysctl: settings of the kernel below /proc/sys, and the lines of sysctl.conf(5).
 *
 * A name is told by dots ("net.ipv4.ip_forward"), or by slashes where a part has a dot
 * itself ("net/ipv4/conf/eth0.1/forwarding"): the separator that comes first counts.  */
#ifndef BASE_SYSCTL_H
#define BASE_SYSCTL_H

#include <stdbool.h>

#include "err.h"
#include "span.h"

enum { SYSCTL_PATH_MAX = 256 };

struct sysctl_line {
	struct span name, value; /* value.at NULL: a line without "=" */
	bool optional;           /* "-" in front: nothing is wrong when it can't be set */
};

/* The next line of `text` that sets something. False: there is none. */
bool sysctl_next(struct span *text, struct sysctl_line *out);

/* Does the name belong to the network, whose settings each network name space has its own
 * of? */
bool sysctl_is_net(struct span name);

/* The setting's file. -1: no name of a setting. */
int sysctl_path(struct span name, char path[SYSCTL_PATH_MAX]);

/* Writes `value`; a name with a "*" or "?" of glob(7) is all that fit. 0, or -1 with *e. */
int sysctl_set(struct span name, struct span value, struct err *e);

#endif
