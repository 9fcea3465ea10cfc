#include "trialfile.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../../init/base/fd.h"
#include "../../init/base/span.h"
#include "slot.h"

int trialfile_write(const char *path, const struct trialfile *t, struct err *e)
{
	char text[200], new[256];
	int len = snprintf(text, sizeof text,
	                   "sequence=%" PRIu64 "\nseconds=%" PRIu32 "\ndeadline_ms=%" PRIu64
	                   "\nbooted=%d\nended=%d\n",
	                   t->sequence, t->seconds, t->deadline_ms, t->booted, t->ended);

	/* on a tmpfs: whoever reads finds the old one or the new one */
	snprintf(new, sizeof new, "%s.new", path);
	if (fd_write_file(AT_FDCWD, new, text, (size_t)len, e) < 0)
		return -1;
	return rename(new, path) < 0 ? err_sys(e, "rename %s", new) : 0;
}

/* 0 where it is missing or no number. */
static uint64_t number_of(struct span text, const char *key, uint64_t max)
{
	uint64_t number = 0;

	span_uint(span_value(text, key), max, &number);
	return number;
}

int trialfile_read(const char *path, struct trialfile *t, struct err *e)
{
	char bytes[256];
	ssize_t len = fd_read_file(AT_FDCWD, path, bytes, sizeof bytes, e);
	struct span text = { bytes, len < 0 ? 0 : (size_t)len };

	*t = (struct trialfile){ 0 };
	if (len < 0)
		return e->code == ENOENT ? 0 : -1;
	t->sequence = number_of(text, "sequence", SLOT_SEQUENCE_MAX);
	t->seconds = (uint32_t)number_of(text, "seconds", SLOT_TRIAL_SECONDS_MAX);
	t->deadline_ms = number_of(text, "deadline_ms", UINT64_MAX);
	t->booted = number_of(text, "booted", 1);
	t->ended = number_of(text, "ended", 1);
	return 1;
}

struct trial_time trial_time(uint32_t seconds)
{
	struct trial_time time;

	if (seconds % 60 == 0)
		snprintf(time.text, sizeof time.text, "%" PRIu32 " min", seconds / 60);
	else
		snprintf(time.text, sizeof time.text, "%" PRIu32 " s", seconds);
	return time;
}

bool trial_parse_time(const char *text, uint32_t *seconds)
{
	static const struct {
		const char *suffix;
		uint32_t seconds;
	} units[] = { { "min", 60 }, { "m", 60 }, { "h", 3600 }, { "s", 1 }, { "", 1 } };
	struct span s = span_of(text);
	uint64_t number;

	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		if (!span_ends(s, units[i].suffix))
			continue;
		s.len -= strlen(units[i].suffix);
		if (!span_uint(s, SLOT_TRIAL_SECONDS_MAX, &number) || number == 0 ||
		    number * units[i].seconds > SLOT_TRIAL_SECONDS_MAX)
			return false;
		*seconds = (uint32_t)number * units[i].seconds;
		return true;
	}
	return false;
}
