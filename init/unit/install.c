#include "install.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/dir.h"
#include "../base/fd.h"
#include "name.h"
#include "path.h"
#include "single.h"

#define OWN_DIR "etc/slate/system"

enum { PATH_SIZE = 768, ALSO_MAX = 32 };

/* Where links of the administrator may be; those of vendors stay. */
static const char *const admin_dirs[] = { OWN_DIR, "etc/systemd/system", "run/systemd/system" };

static void say(const struct install *in, const char *what, const char *path, const char *target)
{
	char text[PATH_SIZE * 2 + 32];

	snprintf(text, sizeof text, "%s /%s%s%s", what, path, target[0] ? " -> " : "", target);
	in->say(in->ctx, text);
}

/* 1 when the link was made, 0 when it is there already. */
static int make_link(const struct install *in, const char *folder, const char *name,
                     const char *target, struct err *e)
{
	char path[PATH_SIZE], old[PATH_SIZE];
	ssize_t len;

	if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path)
		return err_say(e, "%s: the path is too long", name);
	if (fd_mkdirs(in->source.root, folder, 0755, e) < 0)
		return -1;

	FD_AUTO dir = fd_open_in_root(in->source.root, folder, O_RDONLY | O_DIRECTORY, 0);

	if (dir < 0)
		return err_sys(e, "open /%s", folder);
	len = readlinkat(dir, name, old, sizeof old - 1);
	if (len >= 0) {
		old[len] = '\0';
		if (strcmp(old, target) == 0)
			return 0;
		if (unlinkat(dir, name, 0) < 0)
			return err_sys(e, "remove /%s", path);
	}
	if (symlinkat(target, dir, name) < 0)
		return err_sys(e, "link /%s to %s", path, target);
	say(in, "linked", path, target);
	return 1;
}

static int remove_link(const struct install *in, int dir, const char *folder, const char *name,
                       struct err *e)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	if (unlinkat(dir, name, 0) < 0)
		return err_sys(e, "remove /%s", path);
	say(in, "removed", path, "");
	return 1;
}

/* Names that a template's [Install] leaves open get the unit's own instance. */
static const char *filled(const struct unit *u, const char *name, char *buf, size_t size)
{
	struct span instance = span_of(u->instance ? u->instance : "");

	return name_instance(span_of(name), instance, buf, size) ? buf : name;
}

static int link_folders(const struct install *in, const struct unit *u,
                        const struct text_list *targets, const char *suffix, struct err *e)
{
	int made = 0;

	for (unsigned i = 0; i < targets->n; i++) {
		char folder[PATH_SIZE], name[UNIT_NAME_SIZE];
		int one;

		snprintf(folder, sizeof folder, OWN_DIR "/%s.%s",
		         filled(u, targets->at[i], name, sizeof name), suffix);
		one = make_link(in, folder, u->name, u->fragment, e);
		if (one < 0)
			return -1;
		made += one;
	}
	return made;
}

static int link_aliases(const struct install *in, const struct unit *u, struct err *e)
{
	struct name_parts own, other;
	int made = 0;

	name_parse(span_of(u->name), &own);
	for (unsigned i = 0; i < u->install.alias.n; i++) {
		char buf[UNIT_NAME_SIZE];
		const char *name = filled(u, u->install.alias.at[i], buf, sizeof buf);
		int one;

		if (!name_parse(span_of(name), &other) || other.type != own.type)
			return err_say(e, "%s: Alias=%s is of another type", u->name, name);
		one = make_link(in, OWN_DIR, name, u->fragment, e);
		if (one < 0)
			return -1;
		made += one;
	}
	return made;
}

static int enable_one(const struct install *in, const struct unit *u, struct err *e)
{
	int wanted = link_folders(in, u, &u->install.wanted_by, "wants", e);
	int required = wanted < 0 ? -1 : link_folders(in, u, &u->install.required_by, "requires", e);
	int upheld = required < 0 ? -1 : link_folders(in, u, &u->install.upheld_by, "upholds", e);
	int aliases = upheld < 0 ? -1 : link_aliases(in, u, e);

	return aliases < 0 ? -1 : wanted + required + upheld + aliases;
}

static int check_unit(const struct unit *u, struct err *e)
{
	if (u->load == LOAD_MASKED)
		return err_say(e, "%s is masked; slate unmask %s comes first", u->name, u->name);
	if (u->load == LOAD_NOT_FOUND)
		return err_say(e, "%s: there is no such unit file", u->name);
	return 0;
}

/* The name to work on: a bare template gets its DefaultInstance=. */
static int whole_name(const struct install *in, const char *name, char *buf, size_t size,
                      struct err *e)
{
	struct single s;
	struct name_parts p;
	char typed[UNIT_NAME_SIZE];
	const char *instance;
	int result = 0;

	if (!name_typed(name, typed, sizeof typed))
		return err_say(e, "%s: not the name of a unit", name);
	name = typed;
	name_parse(span_of(name), &p);
	if (!name_is_template(&p))
		return span_copy(span_of(name), buf, size) ? 0 : err_say(e, "%s: too long", name);
	if (single_open(&s, &in->source, name, NULL, NULL, e) < 0)
		return -1;
	instance = s.unit->install.default_instance;
	if (!instance || !name_instance(span_of(name), span_of(instance), buf, size))
		result = err_say(e, "%s is a template: name an instance, %.*s@NAME%.*s", name,
		                 SPAN_ARGS(p.prefix), SPAN_ARGS(p.suffix));
	single_close(&s);
	return result;
}

struct also {
	char names[ALSO_MAX][UNIT_NAME_SIZE];
	unsigned n;
};

static void add_also(struct also *also, const struct unit *u)
{
	for (unsigned i = 0; i < u->install.also.n; i++) {
		char buf[UNIT_NAME_SIZE];
		const char *name = filled(u, u->install.also.at[i], buf, sizeof buf);
		bool known = false;

		for (unsigned k = 0; k < also->n; k++)
			known = known || strcmp(also->names[k], name) == 0;
		if (!known && also->n < ALSO_MAX)
			span_copy(span_of(name), also->names[also->n++], UNIT_NAME_SIZE);
	}
}

/* Calls each() for `name` and what it names by Also=, each once. */
static int each_unit(const struct install *in, const char *name,
                     int (*each)(const struct install *, const struct unit *, struct err *),
                     struct err *e)
{
	struct also also = { .n = 1 };
	int changed = 0;

	if (whole_name(in, name, also.names[0], UNIT_NAME_SIZE, e) < 0)
		return -1;
	for (unsigned i = 0; i < also.n; i++) {
		struct single s;
		int one;

		if (single_open(&s, &in->source, also.names[i], NULL, NULL, e) < 0)
			return -1;
		one = each(in, s.unit, e);
		add_also(&also, s.unit);
		single_close(&s);
		if (one < 0)
			return -1;
		changed += one;
	}
	return changed;
}

static bool has_install(const struct unit *u)
{
	const struct unit_install *i = &u->install;

	return i->wanted_by.n || i->required_by.n || i->upheld_by.n || i->alias.n;
}

static int enable_checked(const struct install *in, const struct unit *u, struct err *e)
{
	if (check_unit(u, e) < 0)
		return -1;
	if (!has_install(u) && !u->install.also.n) {
		char text[400];

		snprintf(text, sizeof text, "%s has no [Install] section: other units start it", u->name);
		in->say(in->ctx, text);
	}
	return enable_one(in, u, e);
}

int install_enable(const struct install *in, const char *name, struct err *e)
{
	return each_unit(in, name, enable_checked, e);
}

/* Does the link `name` in `dir` stand for the unit? */
static bool is_link_to(int dir, const char *name, const struct unit *u)
{
	char target[PATH_SIZE];
	ssize_t len = readlinkat(dir, name, target, sizeof target - 1);
	struct span base;

	if (len < 0)
		return false;
	target[len] = '\0';
	if (strcmp(target, "/dev/null") == 0)
		return false;
	base = name_base(span_of(target));
	return strcmp(name, u->name) == 0 || span_is(base, u->name) ||
	       (u->fragment && strcmp(target, u->fragment) == 0 && !u->instance);
}

/* The links of a unit: removed, or only counted. */
struct links {
	const struct install *in;
	const struct unit *u;
	bool count_only;
};

/* The sum of what `look` returns for each name in a folder, which may not be there; -1
 * with *e when it returns that. */
static int sum_names(const struct links *l, const char *folder,
                     int (*look)(const struct links *l, int dir, const char *folder,
                                 const char *name, struct err *e),
                     struct err *e)
{
	DIR *dir = dir_list(fd_open_in_root(l->in->source.root, folder, O_RDONLY | O_DIRECTORY, 0));
	const struct dirent *d;
	int n = 0, one = 0;

	if (!dir)
		return 0;
	while (one >= 0 && (d = readdir(dir))) {
		one = look(l, dirfd(dir), folder, d->d_name, e);
		n += one;
	}
	closedir(dir);
	return one < 0 ? -1 : n;
}

static int look_at_link(const struct links *l, int dir, const char *folder, const char *name,
                        struct err *e)
{
	if (!is_link_to(dir, name, l->u))
		return 0;
	return l->count_only ? 1 : remove_link(l->in, dir, folder, name, e);
}

static int look_into_folder(const struct links *l, int dir, const char *parent, const char *name,
                            struct err *e)
{
	struct span s = span_of(name);
	char folder[PATH_SIZE];

	(void)dir;
	if (!span_ends(s, ".wants") && !span_ends(s, ".requires") && !span_ends(s, ".upholds"))
		return 0;
	snprintf(folder, sizeof folder, "%s/%s", parent, name);
	return sum_names(l, folder, look_at_link, e);
}

static int links(const struct install *in, const struct unit *u, bool count_only, struct err *e)
{
	const struct links l = { in, u, count_only };
	int n = 0;

	for (size_t i = 0; i < sizeof admin_dirs / sizeof *admin_dirs; i++) {
		int below = sum_names(&l, admin_dirs[i], look_into_folder, e);
		int in_it = below < 0 ? -1 : sum_names(&l, admin_dirs[i], look_at_link, e);

		if (in_it < 0)
			return -1;
		n += below + in_it;
	}
	return n;
}

static int disable_one(const struct install *in, const struct unit *u, struct err *e)
{
	if (u->load == LOAD_NOT_FOUND && links(in, u, true, e) == 0)
		return err_say(e, "%s: there is no such unit file", u->name);
	return links(in, u, false, e);
}

int install_disable(const struct install *in, const char *name, struct err *e)
{
	return each_unit(in, name, disable_one, e);
}

int install_mask(const struct install *in, const char *name, struct err *e)
{
	char whole[UNIT_NAME_SIZE], path[PATH_SIZE];
	struct stat st;

	if (!name_typed(name, whole, sizeof whole))
		return err_say(e, "%s: not the name of a unit", name);
	snprintf(path, sizeof path, OWN_DIR "/%s", whole);

	FD_AUTO fd = fd_open_in_root(in->source.root, path, O_PATH | O_NOFOLLOW, 0);

	if (fd >= 0 && fstat(fd, &st) == 0 && !S_ISLNK(st.st_mode))
		return err_say(e, "/%s is a file of its own; it would be lost", path);
	return make_link(in, OWN_DIR, whole, "/dev/null", e);
}

int install_unmask(const struct install *in, const char *name, struct err *e)
{
	char whole[UNIT_NAME_SIZE], target[16];
	int removed = 0;

	if (!name_typed(name, whole, sizeof whole))
		return err_say(e, "%s: not the name of a unit", name);
	for (size_t i = 0; i < sizeof admin_dirs / sizeof *admin_dirs; i++) {
		FD_AUTO dir = fd_open_in_root(in->source.root, admin_dirs[i],
		                              O_RDONLY | O_DIRECTORY, 0);
		ssize_t len = dir < 0 ? -1 : readlinkat(dir, whole, target, sizeof target);

		if (len != 9 || memcmp(target, "/dev/null", 9) != 0)
			continue;
		if (remove_link(in, dir, admin_dirs[i], whole, e) < 0)
			return -1;
		removed++;
	}
	return removed;
}

static enum install_state state_of(const struct install *in, const struct unit *u, bool is_alias)
{
	struct err ignored;

	switch (u->load) {
	case LOAD_MASKED:
		return INSTALL_MASKED;
	case LOAD_NOT_FOUND:
		return INSTALL_NOT_FOUND;
	default:
		break;
	}
	if (is_alias)
		return INSTALL_ALIAS;
	if (links(in, u, true, &ignored) > 0)
		return INSTALL_ENABLED;
	if (u->load == LOAD_BAD)
		return INSTALL_BAD;
	if (has_install(u))
		return INSTALL_DISABLED;
	return u->install.also.n ? INSTALL_INDIRECT : INSTALL_STATIC;
}

int install_state(const struct install *in, const char *name, struct err *e)
{
	char whole[UNIT_NAME_SIZE];
	struct single s;
	int state;

	if (!name_typed(name, whole, sizeof whole))
		return err_say(e, "%s: not the name of a unit", name);
	if (single_open(&s, &in->source, whole, NULL, NULL, e) < 0)
		return -1;
	state = (int)state_of(in, s.unit, !strchr(whole, '@') && strcmp(s.unit->name, whole) != 0);
	single_close(&s);
	return state;
}

const char *install_state_name(enum install_state state)
{
	static const char *const names[] = {
		[INSTALL_NONE] = "none", [INSTALL_ENABLED] = "enabled",
		[INSTALL_DISABLED] = "disabled", [INSTALL_STATIC] = "static",
		[INSTALL_INDIRECT] = "indirect", [INSTALL_ALIAS] = "alias",
		[INSTALL_MASKED] = "masked", [INSTALL_BAD] = "bad", [INSTALL_NOT_FOUND] = "not-found",
	};

	return names[state];
}
