#include "pathrule.h"

#include <fnmatch.h>
#include <string.h>

#include "../tar/member.h"

static size_t name_len(const char *path)
{
	return strcspn(path, "/");
}

static const char *next_name(const char *path)
{
	path += name_len(path);
	return path + (*path == '/');
}

static bool is_pattern(const char *name, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (name[i] == '*' || name[i] == '?' || name[i] == '[')
			return true;
	return false;
}

/* fnmatch wants both terminated. */
static bool pattern_matches(const char *rule, size_t rule_len, const char *name, size_t len)
{
	char mine[MEMBER_PATH_MAX], its[MEMBER_PATH_MAX];

	if (rule_len >= sizeof mine || len >= sizeof its)
		return false;
	memcpy(mine, rule, rule_len);
	mine[rule_len] = '\0';
	memcpy(its, name, len);
	its[len] = '\0';
	return fnmatch(mine, its, 0) == 0;
}

/* Whether the first name of the rule is, or describes, the first one of the path. */
static bool name_matches(const char *rule, const char *path)
{
	size_t mine = name_len(rule), its = name_len(path);

	if (is_pattern(rule, mine))
		return pattern_matches(rule, mine, path, its);
	return mine == its && memcmp(rule, path, its) == 0;
}

/* Goes along both, name by name, while they match. Returns how many did; *rule and
 * *path are what is left. */
static size_t match_names(const char **rule, const char **path)
{
	size_t n = 0;

	while (**rule && **path && name_matches(*rule, *path)) {
		*rule = next_name(*rule);
		*path = next_name(*path);
		n++;
	}
	return n;
}

static size_t depth_anywhere(const char *rule, const char *path)
{
	for (size_t depth = 1; *path; depth++, path = next_name(path))
		if (name_matches(rule, path))
			return depth;
	return 0;
}

size_t pathrule_depth(const char *rule, bool anywhere, const char *path)
{
	size_t depth;

	if (anywhere)
		return depth_anywhere(rule, path);
	depth = match_names(&rule, &path);
	return *rule ? 0 : depth;
}

bool pathrule_is_below(const char *rule, const char *path)
{
	match_names(&rule, &path);
	return !*path && *rule;
}

size_t pathrule_front(const char *path, size_t depth)
{
	const char *at = path;

	for (; depth > 0 && *at; depth--)
		at = next_name(at);
	return (size_t)(at - path) - (at > path && at[-1] == '/');
}
