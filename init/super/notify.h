/* notify: what a datagram of the sd_notify protocol says.
 *
 * The text is hostile: any length, any bytes. See sd_notify(3). Who may send it
 * is the caller's to check, by the kernel's credentials, before this is called.  */
#ifndef SUPER_NOTIFY_H
#define SUPER_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "../base/span.h"

#define NOTIFY_STATUS_SIZE 96

struct notify {
	bool ready, reloading, stopping;
	bool watchdog, watchdog_trigger;
	bool has_status, has_errno, has_extend, has_watchdog_us;
	char status[NOTIFY_STATUS_SIZE]; /* control characters replaced, cut to fit */
	int32_t main_pid;                /* 0: not said */
	int32_t errno_value;
	uint64_t extend_us;
	uint64_t watchdog_us;
	bool barrier, fdstore, fdstore_remove;
};

/* Decodes `text`. What is malformed or unknown is left out; the rest counts. */
void notify_decode(struct span text, struct notify *n);

#endif
