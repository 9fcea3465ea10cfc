#include "show.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static bool has_colour(void)
{
	static int known = -1;

	if (known < 0) {
		const char *term = getenv("TERM");

		known = isatty(STDOUT_FILENO) && !getenv("NO_COLOR") && term && strcmp(term, "dumb") != 0;
	}
	return known;
}

const char *show_colour(enum show_colour colour)
{
	static const char *const codes[] = {
		[SHOW_PLAIN] = "", [SHOW_GREEN] = "\033[32m", [SHOW_YELLOW] = "\033[33m",
		[SHOW_RED] = "\033[31m", [SHOW_GREY] = "\033[90m", [SHOW_BOLD] = "\033[1m",
	};

	return has_colour() ? codes[colour] : "";
}

const char *show_end(void)
{
	return has_colour() ? "\033[0m" : "";
}

enum show_colour show_state_colour(const char *active)
{
	if (strcmp(active, "active") == 0)
		return SHOW_GREEN;
	if (strcmp(active, "failed") == 0)
		return SHOW_RED;
	if (strcmp(active, "inactive") == 0)
		return SHOW_GREY;
	return SHOW_YELLOW;
}

const char *show_bytes(uint64_t bytes, char *buf, size_t size)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
	double value = (double)bytes;
	size_t i = 0;

	while (value >= 1024 && i + 1 < sizeof units / sizeof *units) {
		value /= 1024;
		i++;
	}
	snprintf(buf, size, i && value < 100 ? "%.1f %s" : "%.0f %s", value, units[i]);
	return buf;
}

const char *show_duration(uint64_t us, char *buf, size_t size)
{
	uint64_t s = us / 1000000;

	if (s == 0)
		snprintf(buf, size, "%" PRIu64 " ms", us / 1000);
	else if (s < 60)
		snprintf(buf, size, "%" PRIu64 ".%" PRIu64 " s", s, us / 100000 % 10);
	else if (s < 3600)
		snprintf(buf, size, "%" PRIu64 " min %" PRIu64 " s", s / 60, s % 60);
	else if (s < 86400)
		snprintf(buf, size, "%" PRIu64 " h %" PRIu64 " min", s / 3600, s / 60 % 60);
	else
		snprintf(buf, size, "%" PRIu64 " d %" PRIu64 " h", s / 86400, s / 3600 % 24);
	return buf;
}

const char *show_time(int64_t seconds, char *buf, size_t size)
{
	time_t t = (time_t)seconds;
	struct tm tm;

	if (!localtime_r(&t, &tm) || strftime(buf, size, "%Y-%m-%d %H:%M:%S", &tm) == 0)
		snprintf(buf, size, "?");
	return buf;
}
