#include "savelist.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../init/base/array.h"
#include "../../init/base/fd.h"
#include "../../init/base/names.h"
#include "../../init/base/paths.h"
#include "../tar/member.h"
#include "pathrule.h"

static const struct {
	enum save_kind kind;
	bool anywhere;
	const char *path;
} shipped[] = {
	{ SAVE_KEEP, false, "etc" },
	{ SAVE_KEEP, false, "root/.ssh" },
	/* made anew by the running system */
	{ SAVE_LEAVE, false, "etc/mtab" },
	{ SAVE_LEAVE, false, "etc/ld.so.cache" },
	{ SAVE_LEAVE, false, "etc/.pwd.lock" },
	{ SAVE_LEAVE, false, "etc/.updated" },
	{ SAVE_LEAVE, false, "etc/blkid.tab" },
	{ SAVE_LEAVE, false, "etc/blkid.tab.old" },
	{ SAVE_LEAVE, false, "etc/ifstate" },
	{ SAVE_LEAVE, false, "etc/network/run" },
	{ SAVE_LEAVE, false, "etc/network/ifstate" },
	{ SAVE_LEAVE, false, "etc/udev/hwdb.bin" },
	/* what editors and package managers leave behind while they work */
	{ SAVE_LEAVE, true, "*.pid" },
	{ SAVE_LEAVE, true, "*.swp" },
	{ SAVE_LEAVE, true, "*~" },
	{ SAVE_LEAVE, true, ".nfs*" },
	{ SAVE_LEAVE, true, "*.dpkg-tmp" },
};

int savelist_line(struct span line, enum save_kind *kind, struct span *path, struct err *e)
{
	line = span_trim(line);
	if (line.len == 0 || line.at[0] == '#')
		return 0;
	switch (line.at[0]) {
	case '+':
	case '!':
		*kind = SAVE_KEEP;
		break;
	case '-':
		*kind = SAVE_LEAVE;
		break;
	case '@':
		*kind = SAVE_LINKS;
		break;
	default:
		return err_say(e, "a line begins with + or -: %.*s", SPAN_ARGS(line));
	}

	struct span text = span_trim(span_from(line, 1));

	while (text.len > 0 && text.at[0] == '/')
		text = span_from(text, 1);
	while (text.len > 0 && text.at[text.len - 1] == '/')
		text.len--;
	if (text.len >= MEMBER_PATH_MAX || memchr(text.at, '\0', text.len))
		return err_say(e, "path too long, or with a NUL byte");
	*path = text;
	return 1;
}

static int add_rule(struct savelist *l, enum save_kind kind, struct span path, struct err *e)
{
	if (l->n == SAVELIST_RULES_MAX)
		return err_say(e, "more than %d rules", SAVELIST_RULES_MAX);
	if (array_grow(&l->rules, l->n, &l->size, sizeof *l->rules) < 0)
		return err_sys(e, "rules");

	char *copy = strndup(path.at, path.len);

	if (!copy)
		return err_sys(e, "rules");
	l->rules[l->n++] = (struct save_rule){ .kind = kind, .path = copy };
	return 0;
}

int savelist_start(struct savelist *l, struct err *e)
{
	*l = (struct savelist){ 0 };
	for (size_t i = 0; i < sizeof shipped / sizeof *shipped; i++) {
		if (add_rule(l, shipped[i].kind, span_of(shipped[i].path), e) < 0)
			return -1;
		l->rules[i].anywhere = shipped[i].anywhere;
		l->rules[i].shipped = true;
	}
	return 0;
}

int savelist_add(struct savelist *l, struct span text, struct err *e)
{
	struct span line, path;
	enum save_kind kind;

	for (unsigned number = 1; span_line(&text, &line); number++) {
		int found = savelist_line(line, &kind, &path, e);

		if (found < 0 || (found > 0 && add_rule(l, kind, path, e) < 0))
			return err_wrap(e, "line %u", number);
	}
	return 0;
}

/* A list that is not there has no rules. */
static int load_file(struct savelist *l, int root, const char *path, struct err *e)
{
	FD_AUTO fd = fd_open_in_root(root, path, O_RDONLY | O_NONBLOCK, 0);
	char *text;
	ssize_t len;
	int result;

	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : err_sys(e, "open /%s", path);
	text = malloc(SAVELIST_FILE_MAX);
	if (!text)
		return err_sys(e, "/%s", path);
	len = fd_read_full(fd, text, SAVELIST_FILE_MAX);
	if (len < 0)
		result = err_sys(e, "read /%s", path);
	else if (len == SAVELIST_FILE_MAX)
		result = err_say(e, "/%s: larger than %d KiB", path, SAVELIST_FILE_MAX / 1024);
	else if ((result = savelist_add(l, (struct span){ text, (size_t)len }, e)) < 0)
		err_wrap(e, "/%s", path);
	free(text);
	return result;
}

static int load_lists(struct savelist *l, int root, struct err *e)
{
	FD_AUTO dir = fd_open_in_root(root, PATH_LBU_LISTS, O_RDONLY | O_DIRECTORY, 0);
	struct names names = { 0 };
	int result;

	if (dir < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0
		                                           : err_sys(e, "open /" PATH_LBU_LISTS);
	result = names_read(&names, dir, e);
	for (size_t i = 0; result == 0 && i < names.n; i++) {
		char path[sizeof PATH_LBU_LISTS + NAME_MAX + 2];

		snprintf(path, sizeof path, PATH_LBU_LISTS "/%s", names.at[i]);
		if (span_ends(span_of(names.at[i]), ".list"))
			result = load_file(l, root, path, e);
	}
	names_drop(&names);
	return result;
}

int savelist_load(struct savelist *l, int root, struct err *e)
{
	if (savelist_start(l, e) < 0 || load_lists(l, root, e) < 0)
		return -1;
	return load_file(l, root, PATH_SAVE_LIST, e);
}

static size_t depth(const struct save_rule *rule, const char *path)
{
	return pathrule_depth(rule->path, rule->anywhere, path);
}

enum save_kind savelist_rule(const struct savelist *l, const char *path)
{
	enum save_kind kind = SAVE_NONE;
	size_t best = 0;

	for (size_t i = 0; i < l->n; i++) {
		/* an empty path is the root itself: "+/" keeps everything */
		size_t found = *l->rules[i].path ? 1 + depth(&l->rules[i], path) : 1;

		if (*l->rules[i].path && found == 1)
			continue;
		if (found >= best) {
			best = found;
			kind = l->rules[i].kind;
		}
	}
	return kind;
}

enum save_kind savelist_kind(const struct savelist *l, const char *path)
{
	enum save_kind kind = savelist_rule(l, path);

	return kind == SAVE_NONE ? SAVE_LEAVE : kind;
}

/* As far as can be told without knowing what is there. */
static bool rule_is_below(const struct save_rule *rule, const char *path)
{
	return rule->anywhere || !*rule->path || pathrule_is_below(rule->path, path);
}

bool savelist_reaches(const struct savelist *l, const char *path)
{
	if (!*path || savelist_kind(l, path) != SAVE_LEAVE)
		return true;
	for (size_t i = 0; i < l->n; i++)
		if (l->rules[i].kind != SAVE_LEAVE && rule_is_below(&l->rules[i], path))
			return true;
	return false;
}

void savelist_drop(struct savelist *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->rules[i].path);
	free(l->rules);
	*l = (struct savelist){ 0 };
}
