#include "err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { WHOLE_MAX = 4096 };

/* What does not fit loses its middle: names are long, and reasons stand at the end. */
static void fit(struct err *e, const char *whole)
{
	static const char gap[] = "...";
	size_t len = strlen(whole), most = sizeof e->text - 1;
	size_t head = most / 2, tail = most - head - (sizeof gap - 1);

	if (len <= most)
		memcpy(e->text, whole, len + 1);
	else
		snprintf(e->text, sizeof e->text, "%.*s%s%s", (int)head, whole, gap,
		         whole + len - tail);
}

/* The text, and ": TAIL" behind it where there is one. */
static void set(struct err *e, const char *tail, const char *fmt, va_list ap)
{
	char whole[WHOLE_MAX];

	vsnprintf(whole, sizeof whole, fmt, ap);

	size_t len = strlen(whole);

	if (tail)
		snprintf(whole + len, sizeof whole - len, "%s%s", len ? ": " : "", tail);
	fit(e, whole);
}

int err_sys(struct err *e, const char *fmt, ...)
{
	va_list ap;

	e->code = errno;
	va_start(ap, fmt);
	set(e, strerror(e->code), fmt, ap);
	va_end(ap);
	return -1;
}

int err_say(struct err *e, const char *fmt, ...)
{
	va_list ap;

	e->code = 0;
	va_start(ap, fmt);
	set(e, NULL, fmt, ap);
	va_end(ap);
	return -1;
}

int err_wrap(struct err *e, const char *fmt, ...)
{
	char inner[sizeof e->text];
	va_list ap;

	memcpy(inner, e->text, sizeof inner);
	va_start(ap, fmt);
	set(e, inner, fmt, ap);
	va_end(ap);
	return -1;
}

int err_safe(struct err *e, const char *safe)
{
	size_t most = sizeof e->text - 1, tail = strlen("; ") + strlen(safe);
	size_t len = strnlen(e->text, tail < most ? most - tail : 0);

	snprintf(e->text + len, sizeof e->text - len, "; %s", safe);
	return -1;
}
