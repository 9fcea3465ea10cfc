#include "tell.h"

#include <stdarg.h>
#include <stdio.h>

#include "../base/command.h"
#include "../base/degraded.h"
#include "../base/hardened.h"
#include "../base/paths.h"
#include "verbs.h"

int tell_usage(const char *verb)
{
	print_verb_help(verb);
	return COMMAND_USAGE;
}

int tell_failed(const char *verb, const struct err *e)
{
	fprintf(stderr, "slate: %s: %s\n", verb, e->text);
	return COMMAND_FAILED;
}

void tell(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	fflush(stdout);
}

void tell_degraded(const char *fmt, ...)
{
	char text[500];
	struct err e;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	tell("%s", text);
	if (degraded_add(PATH_DEGRADED, text, &e) < 0)
		tell("%s", e.text);
}

static void say_hardened(void *ctx, const char *text, bool failed)
{
	(void)ctx;
	if (failed)
		tell_degraded("%s", text);
	else
		tell("%s", text);
}

int tell_hardened(const struct hardening *h, bool (*picks)(const struct hardening_row *row))
{
	return hardened_apply(h, picks, say_hardened, NULL) ? -1 : 0;
}
