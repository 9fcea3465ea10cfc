#include "notify.h"

#include <string.h>

#include "../base/report.h"

static void take_status(struct notify *n, struct span value)
{
	size_t len = value.len < sizeof n->status ? value.len : sizeof n->status - 1;

	memcpy(n->status, value.at, len);
	n->status[len] = '\0';
	report_clean(n->status);
	n->has_status = true;
}

static void take_main_pid(struct notify *n, struct span value)
{
	uint64_t pid;

	if (span_uint(value, INT32_MAX, &pid) && pid > 1)
		n->main_pid = (int32_t)pid;
}

static void take_errno(struct notify *n, struct span value)
{
	uint64_t number;

	n->has_errno = span_uint(value, 4095, &number);
	if (n->has_errno)
		n->errno_value = (int32_t)number;
}

static void take_line(struct notify *n, struct span name, struct span value)
{
	bool yes = span_is(value, "1");

	if (span_is(name, "READY"))
		n->ready |= yes;
	else if (span_is(name, "RELOADING"))
		n->reloading |= yes;
	else if (span_is(name, "STOPPING"))
		n->stopping |= yes;
	else if (span_is(name, "WATCHDOG")) {
		n->watchdog |= yes;
		n->watchdog_trigger |= span_is(value, "trigger");
	} else if (span_is(name, "STATUS"))
		take_status(n, value);
	else if (span_is(name, "MAINPID"))
		take_main_pid(n, value);
	else if (span_is(name, "ERRNO"))
		take_errno(n, value);
	else if (span_is(name, "EXTEND_TIMEOUT_USEC"))
		n->has_extend = span_uint(value, INT64_MAX, &n->extend_us);
	else if (span_is(name, "WATCHDOG_USEC"))
		n->has_watchdog_us = span_uint(value, INT64_MAX, &n->watchdog_us);
	else if (span_is(name, "BARRIER"))
		n->barrier |= yes;
	else if (span_is(name, "FDSTORE"))
		n->fdstore |= yes;
	else if (span_is(name, "FDSTOREREMOVE"))
		n->fdstore_remove |= yes;
}

void notify_decode(struct span text, struct notify *n)
{
	struct span line, name, value;

	*n = (struct notify){ 0 };
	while (span_line(&text, &line)) {
		span_cut(line, '=', &name, &value);
		if (value.at)
			take_line(n, name, value);
	}
}
