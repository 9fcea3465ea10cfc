#include "report.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fd.h"

void report_open(struct report *r, const char *name)
{
	static const char all[] = "on\n";
	struct err ignored;

	fd_write_file(AT_FDCWD, "/proc/sys/kernel/printk_devkmsg", all, sizeof all - 1, &ignored);
	r->name = name;
	r->kmsg = open("/dev/kmsg", O_WRONLY | O_CLOEXEC | O_NOCTTY);
}

void report_clean(char *text)
{
	for (unsigned char *c = (unsigned char *)text; *c; c++)
		if (*c < 0x20 || *c == 0x7f || (*c >= 0x80 && *c < 0xa0))
			*c = '?';
}

void report_say(const struct report *r, enum report_level level, const char *fmt, ...)
{
	char text[600], line[700];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	report_clean(text);

	int len = snprintf(line, sizeof line, "<%d>%s: %s\n", (int)level, r->name, text);
	/* without a kernel log nobody reads the level */
	const char *from = r->kmsg >= 0 ? line : line + strlen("<0>");
	size_t rest = (size_t)(line + len - from);

	/* a full or dead console must not stop PID 1: the result is not looked at */
	if (write(r->kmsg >= 0 ? r->kmsg : STDERR_FILENO, from, rest) < 0)
		return;
}
