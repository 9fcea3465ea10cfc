/* control: what a client asks of slate-init, and how it is answered.
 *
 * A SOCK_SEQPACKET socket at PATH_CONTROL, for root only. A request is one
 * packet: the verb and its arguments, each ended by a NUL. An answer is any
 * number of packets of "key=value" lines, one unit a packet, and a last packet
 * whose first line is "end=" with "done" or "failed", and "error=…" if there is
 * something to say. Control characters in values are replaced, so a value never
 * holds a newline.  */
#ifndef BASE_CONTROL_H
#define BASE_CONTROL_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"

enum { CONTROL_REQUEST_MAX = 8192, CONTROL_REPLY_MAX = 4096, CONTROL_ARGS_MAX = 32 };

enum control_verb {
	CONTROL_NONE,
	CONTROL_LIST,          /* [UNIT…]: state of these, or of all that are loaded */
	CONTROL_START,         /* UNIT…; answered when the jobs have ended */
	CONTROL_STOP,
	CONTROL_RESTART,
	CONTROL_TRY_RESTART,   /* only those that are up */
	CONTROL_RELOAD,
	CONTROL_RELOAD_OR_RESTART,
	CONTROL_ISOLATE,       /* UNIT */
	CONTROL_KILL,          /* SIGNAL "main" or "all" UNIT… */
	CONTROL_RESET_FAILED,  /* [UNIT…] */
	CONTROL_DAEMON_RELOAD,
	CONTROL_DAEMON_REEXEC, /* slate-init executes its own file again and goes on */
	CONTROL_SHUTDOWN,      /* KIND ["force"]: reboot, poweroff, halt, kexec, exit */
	CONTROL_MANAGER,       /* the supervisor itself: times, counts, kind of machine */
	CONTROL_VERBS
};

struct control_request {
	enum control_verb verb;
	bool no_wait;          /* "--no-wait" came first: answer when the jobs are given out */
	unsigned n;
	const char *args[CONTROL_ARGS_MAX]; /* terminated; point into the packet */
};

/* Decodes a packet of `len` bytes. 0, or -1 with *e: no such verb, too few or too
 * many arguments, not ended by a NUL. The packet must outlive *r. */
int control_decode(const char *packet, size_t len, struct control_request *r, struct err *e);

/* "start", …; NULL past the last. */
const char *control_verb_name(enum control_verb verb);

#endif
