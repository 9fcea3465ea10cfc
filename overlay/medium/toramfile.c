#include "toramfile.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../../init/base/fd.h"
#include "../../init/base/span.h"

enum { TEXT_MAX = 2048 };

static const char *const states[] = {
	[TORAM_NOTHING] = "nothing",
	[TORAM_COPYING] = "copying",
	[TORAM_HELD] = "held",
	[TORAM_LOST] = "lost",
};

int toramfile_write(const char *path, const struct toramfile *t, struct err *e)
{
	char text[TEXT_MAX], new[256];
	int len = snprintf(text, sizeof text,
	                   "state=%s\ndone=%" PRIu64 "\nwhole=%" PRIu64
	                   "\npid=%d\ndevice=%s\nlabel=%s\nuuid=%s\nfstype=%s\noptions=%s\n",
	                   states[t->state], t->done, t->whole, (int)t->pid, t->device, t->label,
	                   t->uuid, t->fstype, t->options);

	/* whoever reads finds the old one or the new one */
	snprintf(new, sizeof new, "%s.new", path);
	if (fd_write_file(AT_FDCWD, new, text, (size_t)len, e) < 0)
		return -1;
	return rename(new, path) < 0 ? err_sys(e, "rename %s", new) : 0;
}

static enum toram_state state_of(struct span word)
{
	for (size_t i = 0; i < sizeof states / sizeof *states; i++)
		if (span_is(word, states[i]))
			return (enum toram_state)i;
	return TORAM_NOTHING;
}

static void take(struct toramfile *t, struct span name, struct span value)
{
	const struct {
		const char *name;
		char *text;
		size_t size;
	} texts[] = {
		{ "device", t->device, sizeof t->device },
		{ "label", t->label, sizeof t->label },
		{ "uuid", t->uuid, sizeof t->uuid },
		{ "fstype", t->fstype, sizeof t->fstype },
		{ "options", t->options, sizeof t->options },
	};
	uint64_t number = 0;

	if (span_is(name, "state"))
		t->state = state_of(value);
	else if (span_is(name, "done"))
		span_uint(value, UINT64_MAX, &t->done);
	else if (span_is(name, "whole"))
		span_uint(value, UINT64_MAX, &t->whole);
	else if (span_is(name, "pid") && span_uint(value, INT32_MAX, &number))
		t->pid = (pid_t)number;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (span_is(name, texts[i].name))
			span_copy(value, texts[i].text, texts[i].size);
}

/* Another process may have the number by now; it has another name. */
static bool is_copying(pid_t pid)
{
	char path[40], name[32];
	struct err e;

	snprintf(path, sizeof path, "/proc/%d/comm", (int)pid);
	return fd_read_file(AT_FDCWD, path, name, sizeof name, &e) > 0 &&
	       strcmp(name, TORAM_PROCESS "\n") == 0;
}

void toramfile_read(const char *path, struct toramfile *t)
{
	char text[TEXT_MAX];
	struct err e;
	ssize_t len = fd_read_file(AT_FDCWD, path, text, sizeof text, &e);
	struct span all = { text, len < 0 ? 0 : (size_t)len }, line, name, value;

	*t = (struct toramfile){ .state = TORAM_NOTHING };
	while (span_line(&all, &line)) {
		span_cut(line, '=', &name, &value);
		if (value.at)
			take(t, name, value);
	}
	if (t->state == TORAM_COPYING && !is_copying(t->pid))
		t->state = TORAM_LOST;
}
