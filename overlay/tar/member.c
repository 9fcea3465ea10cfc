#include "member.h"

#include <stdio.h>
#include <string.h>

#include "../../init/base/report.h"

const char *member_type_name(enum member_type type)
{
	static const char *const names[] = {
		[MEMBER_NONE] = "nothing",
		[MEMBER_FILE] = "file",
		[MEMBER_DIRECTORY] = "directory",
		[MEMBER_SYMLINK] = "symbolic link",
		[MEMBER_HARDLINK] = "hard link",
		[MEMBER_WHITEOUT] = "deletion",
		[MEMBER_OPAQUE] = "opaque directory",
		[MEMBER_OTHER] = "special file",
	};

	return names[type];
}

/* One name of a path: 1: keep, 0: drop it, -1: refuse the path. */
static int judge_name(const char *name, size_t len)
{
	if (len == 0 || (len == 1 && name[0] == '.'))
		return 0;
	if ((len == 2 && name[0] == '.' && name[1] == '.') || len > MEMBER_NAME_MAX)
		return -1;
	return 1;
}

static bool has_control_bytes(const char *name, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)name[i] < ' ' || name[i] == 0x7f)
			return true;
	return false;
}

static int refuse_control_bytes(const char *name, size_t len, struct err *e)
{
	char clean[sizeof e->text];

	snprintf(clean, sizeof clean, "%.*s", (int)len, name);
	report_clean(clean);
	return err_say(e, "%s: name with control characters", clean);
}

int member_path(const char *name, size_t len, char *buf, struct err *e)
{
	size_t fill = 0, depth = 0;

	if (len > 0 && name[0] == '/')
		return err_say(e, "%.*s: absolute name", (int)len, name);
	if (has_control_bytes(name, len))
		return refuse_control_bytes(name, len, e);
	for (size_t at = 0, part; at < len; at += part + 1) {
		const char *end = memchr(name + at, '/', len - at);

		part = end ? (size_t)(end - name) - at : len - at;

		int keep = judge_name(name + at, part);

		if (keep < 0)
			return err_say(e, "%.*s: %s", (int)len, name,
			               part > MEMBER_NAME_MAX ? "name too long"
			                                      : "\"..\" in its path");
		if (keep == 0)
			continue;
		if (fill + part + 2 > MEMBER_PATH_MAX || ++depth > MEMBER_DEPTH_MAX)
			return err_say(e, "%.*s: path too long or too deep", (int)len, name);
		if (fill)
			buf[fill++] = '/';
		memcpy(buf + fill, name + at, part);
		fill += part;
	}
	buf[fill] = '\0';
	return 0;
}

int member_whiteout(struct member *m, char *path, struct err *e)
{
	char *slash = strrchr(path, '/');
	char *name = slash ? slash + 1 : path;
	const size_t prefix = sizeof WHITEOUT_PREFIX - 1;

	if (strncmp(name, WHITEOUT_PREFIX, prefix) != 0)
		return 0;
	if (m->type != MEMBER_FILE || m->size != 0)
		return err_say(e, "%s: a deletion must be an empty file", path);
	if (strcmp(name, WHITEOUT_OPAQUE) == 0) {
		m->type = MEMBER_OPAQUE;
		*(slash ? slash : path) = '\0';
		return 0;
	}

	const char *hidden = name + prefix;

	if (judge_name(hidden, strlen(hidden)) != 1 ||
	    strncmp(hidden, WHITEOUT_PREFIX, prefix) == 0)
		return err_say(e, "%s: a deletion of nothing", path);
	m->type = MEMBER_WHITEOUT;
	memmove(name, hidden, strlen(hidden) + 1);
	return 0;
}

const char *member_split(const char *path, char buf[MEMBER_PATH_MAX])
{
	const char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) : 0;

	memcpy(buf, path, len);
	buf[len] = '\0';
	return slash ? slash + 1 : path;
}

bool member_is_below(const char *path, const char *above)
{
	size_t len = strlen(above);

	return len == 0 || (strncmp(path, above, len) == 0 && (path[len] == '/' || !path[len]));
}
