#include "boot.h"

#include <stdarg.h>
#include <stdio.h>

#include "../base/degraded.h"

void boot_say(const struct boot *b, enum report_level level, const char *fmt, ...)
{
	char text[500];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	report_say(&b->report, level, "%s", text);
}

void boot_degrade(const struct boot *b, const char *fmt, ...)
{
	char text[500];
	struct err e;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	report_say(&b->report, REPORT_WARNING, "%s", text);
	if (degraded_add(b->degraded, text, &e) < 0)
		report_say(&b->report, REPORT_WARNING, "%s", e.text);
}
