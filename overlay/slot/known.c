#include "known.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>

#include "../../init/base/fd.h"
#include "../../init/base/span.h"

uint64_t known_read(const char *path, const char *name)
{
	char text[256];
	struct err ignored;
	struct span its, number;
	uint64_t sequence = 0;
	ssize_t len = path ? fd_read_file(AT_FDCWD, path, text, sizeof text, &ignored) : -1;

	if (len < 0)
		return 0;
	span_cut((struct span){ text, (size_t)len }, '=', &its, &number);
	/* a machine has one name for as long as it runs; another's numbers say nothing */
	if (!number.at || !span_is(its, name) ||
	    !span_uint(span_trim(number), INT64_MAX, &sequence))
		return 0;
	return sequence;
}

int known_note(const char *path, const char *name, uint64_t sequence, struct err *e)
{
	char text[256];
	int len = snprintf(text, sizeof text, "%s=%" PRIu64 "\n", name, sequence);

	if (!path)
		return 0;
	if (len < 0 || (size_t)len >= sizeof text)
		return err_say(e, "%s: the name is too long", path);
	return fd_write_file(AT_FDCWD, path, text, (size_t)len, e);
}

bool known_missing(uint64_t known, uint64_t newest, char text[KNOWN_TEXT])
{
	if (newest >= known)
		return false;
	snprintf(text, KNOWN_TEXT,
	         "generation %" PRIu64 " was on the medium, and the newest is %" PRIu64
	         " now: it was exchanged, or put back as it was before",
	         known, newest);
	return true;
}
