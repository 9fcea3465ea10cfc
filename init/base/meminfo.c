#include "meminfo.h"

#include <fcntl.h>
#include <stddef.h>

#include "fd.h"

static const struct {
	const char *name;
	size_t offset;
} rows[] = {
	{ "MemTotal:", offsetof(struct meminfo, total) },
	{ "MemAvailable:", offsetof(struct meminfo, available) },
	{ "Shmem:", offsetof(struct meminfo, shmem) },
	{ "SwapTotal:", offsetof(struct meminfo, swap_total) },
	{ "SwapFree:", offsetof(struct meminfo, swap_free) },
};

static void take_line(struct span line, struct meminfo *m)
{
	struct span name, number;
	uint64_t kib;

	if (!span_word(&line, " ", &name) || !span_word(&line, " ", &number) ||
	    !span_uint(number, UINT64_MAX >> 10, &kib))
		return;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (span_is(name, rows[i].name))
			*(uint64_t *)(void *)((char *)m + rows[i].offset) = kib << 10;
}

void meminfo_decode(struct span text, struct meminfo *m)
{
	struct span line;

	*m = (struct meminfo){ 0 };
	while (span_line(&text, &line))
		take_line(line, m);
}

int meminfo_read(struct meminfo *m, struct err *e)
{
	char text[8192];
	ssize_t len = fd_read_file(AT_FDCWD, "/proc/meminfo", text, sizeof text, e);

	meminfo_decode((struct span){ text, len < 0 ? 0 : (size_t)len }, m);
	return len < 0 ? -1 : 0;
}
