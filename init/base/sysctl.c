#include "sysctl.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <string.h>

#include "fd.h"

#define ROOT "/proc/sys/"

bool sysctl_next(struct span *text, struct sysctl_line *out)
{
	struct span line;

	while (span_line(text, &line)) {
		line = span_trim(line);
		if (line.len == 0 || line.at[0] == '#' || line.at[0] == ';')
			continue;
		*out = (struct sysctl_line){ .optional = line.at[0] == '-' };
		span_cut(span_from(line, out->optional), '=', &out->name, &out->value);
		out->name = span_trim(out->name);
		if (out->value.at)
			out->value = span_trim(out->value);
		return true;
	}
	return false;
}

bool sysctl_is_net(struct span name)
{
	return span_starts(name, "net.") || span_starts(name, "net/");
}

int sysctl_path(struct span name, char path[SYSCTL_PATH_MAX])
{
	size_t used = sizeof ROOT - 1;
	bool swap = false, decided = false;

	memcpy(path, ROOT, used);
	if (name.len == 0 || name.at[0] == '.' || name.at[0] == '/' ||
	    !span_copy(name, path + used, SYSCTL_PATH_MAX - used))
		return -1;
	for (char *c = path + used; *c; c++) {
		if (*c != '.' && *c != '/')
			continue;
		if (!decided)
			swap = *c == '.';
		decided = true;
		if (swap)
			*c = *c == '.' ? '/' : '.';
	}
	/* no part may begin with a dot: ".?" fits "..", too */
	return strstr(path, "/.") || strstr(path, "//") ? -1 : 0;
}

static int write_one(const char *path, struct span value, struct err *e)
{
	FD_AUTO fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || fd_write_full(fd, value.at, value.len) < 0)
		return err_sys(e, "%s", path + sizeof ROOT - 1);
	return 0;
}

static int write_all(const char *pattern, struct span value, struct err *e)
{
	glob_t found;
	int result = glob(pattern, GLOB_NOESCAPE, NULL, &found);

	if (result == GLOB_NOMATCH)
		return 0;
	if (result != 0)
		return err_say(e, "%s: can't be searched for", pattern + sizeof ROOT - 1);
	for (size_t i = 0; i < found.gl_pathc; i++)
		result |= write_one(found.gl_pathv[i], value, e);
	globfree(&found);
	return result;
}

int sysctl_set(struct span name, struct span value, struct err *e)
{
	char path[SYSCTL_PATH_MAX];

	if (sysctl_path(name, path) < 0)
		return err_say(e, "not the name of a setting: %.*s", SPAN_ARGS(name));
	return strpbrk(path, "*?") ? write_all(path, value, e) : write_one(path, value, e);
}
