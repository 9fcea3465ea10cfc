#include "commands.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/paths.h"
#include "check.h"
#include "install.h"
#include "name.h"
#include "single.h"

/* What the verbs here have in common: [--root DIR] and names. */
struct call {
	const char *verb;
	const char *root_path; /* NULL: the running system's "/" */
	int root;              /* owned by run() */
	bool brief;
	char **names;          /* NULL ends */
	int names_n;
};

struct verb {
	const char *name;
	bool needs_names;
	int (*run)(const struct call *c); /* exit status */
};

static int complain(const struct call *c, const struct err *e)
{
	fflush(stdout);
	fprintf(stderr, "slate: %s: %s\n", c->verb, e->text);
	return COMMAND_FAILED;
}

static void print(void *ctx, const char *text)
{
	(void)ctx;
	puts(text);
}

/* /etc is in memory: what was changed there has to be saved to last. */
static void mention_save(const struct call *c, int changed)
{
	if (changed > 0 && !c->root_path && access(PATH_UPPER, F_OK) == 0)
		puts("kept at the next boot after `slate save`");
}

static int each_name(const struct call *c, int (*change)(const struct install *, const char *, struct err *))
{
	struct install in = { .source.root = c->root, .say = print };
	int status = COMMAND_DONE, changed = 0;
	struct err e;

	for (int i = 0; i < c->names_n; i++) {
		int n = change(&in, c->names[i], &e);

		if (n < 0)
			status = complain(c, &e);
		else
			changed += n;
	}
	mention_save(c, changed);
	return status;
}

static int run_enable(const struct call *c)
{
	return each_name(c, install_enable);
}

static int run_disable(const struct call *c)
{
	return each_name(c, install_disable);
}

static int run_mask(const struct call *c)
{
	return each_name(c, install_mask);
}

static int run_unmask(const struct call *c)
{
	return each_name(c, install_unmask);
}

static int run_preset(const struct call *c)
{
	return each_name(c, install_preset);
}

static int run_is_enabled(const struct call *c)
{
	struct install in = { .source.root = c->root, .say = print };
	int status = COMMAND_DONE;
	struct err e;

	for (int i = 0; i < c->names_n; i++) {
		int state = install_state(&in, c->names[i], &e);

		if (state < 0) {
			status = complain(c, &e);
			continue;
		}
		puts(install_state_name((enum install_state)state));
		if (state != INSTALL_ENABLED && state != INSTALL_STATIC && state != INSTALL_ALIAS &&
		    state != INSTALL_INDIRECT)
			status = COMMAND_FAILED;
	}
	return status;
}

static int cat_file(const struct call *c, const char *path, struct err *e)
{
	FD_AUTO fd = fd_open_in_root(c->root, path, O_RDONLY, 0);
	char buf[8192], last = '\n';
	ssize_t len;

	if (fd < 0)
		return err_sys(e, "open %s", path);
	printf("# %s\n", path);
	while ((len = fd_read_full(fd, buf, sizeof buf)) > 0) {
		fwrite(buf, 1, (size_t)len, stdout);
		last = buf[len - 1];
	}
	if (last != '\n')
		putchar('\n');
	return len < 0 ? err_sys(e, "read %s", path) : 0;
}

static int cat_unit(const struct call *c, const char *name, struct err *e)
{
	struct unit_source source = { .root = c->root };
	struct single s;
	int result = 0;

	if (single_open(&s, &source, name, NULL, NULL, e) < 0)
		return -1;
	if (!s.unit->fragment || s.unit->load == LOAD_MASKED)
		result = err_say(e, "%s: %s", name, s.unit->reason);
	else
		result = cat_file(c, s.unit->fragment, e);
	for (unsigned i = 0; result == 0 && i < s.unit->dropins.n; i++) {
		putchar('\n');
		result = cat_file(c, s.unit->dropins.at[i], e);
	}
	single_close(&s);
	return result;
}

/* What is no name even so is told by who looks it up. */
static const char *with_type(const char *name, char *buf, size_t size)
{
	return name_typed(name, buf, size) ? buf : name;
}

static int run_cat(const struct call *c)
{
	int status = COMMAND_DONE;
	char buf[UNIT_NAME_SIZE];
	struct err e;

	for (int i = 0; i < c->names_n; i++)
		if (cat_unit(c, with_type(c->names[i], buf, sizeof buf), &e) < 0)
			status = complain(c, &e);
	return status;
}

static int run_check(const struct call *c)
{
	struct check_options o = { { .root = c->root }, stdout, c->brief };
	int status = COMMAND_DONE;
	char buf[UNIT_NAME_SIZE];
	struct err e;

	if (c->names_n == 0) {
		int result;

		o.brief = true;
		result = check_goal(&o, "default.target", &e);
		return result < 0 ? complain(c, &e) : result ? COMMAND_DONE : COMMAND_FAILED;
	}
	for (int i = 0; i < c->names_n; i++) {
		const char *what = c->names[i];
		int result = check_unit(&o, strchr(what, '/') ? what : with_type(what, buf, sizeof buf), &e);

		if (result < 0)
			complain(c, &e);
		if (result <= 0)
			status = COMMAND_FAILED;
	}
	return status;
}

static const struct verb verbs[] = {
	{ "check", false, run_check },
	{ "enable", true, run_enable },
	{ "disable", true, run_disable },
	{ "mask", true, run_mask },
	{ "unmask", true, run_unmask },
	{ "preset", true, run_preset },
	{ "is-enabled", true, run_is_enabled },
	{ "cat", true, run_cat },
};

/* Takes the options off argv; what is left is the names. False: one is unknown. */
static bool take_options(struct call *c, int argc, char **argv)
{
	int kept = 0;
	bool options = true;

	c->names = argv + 1;
	for (int i = 1; i < argc; i++) {
		if (options && strcmp(argv[i], "--") == 0)
			options = false;
		else if (options && strcmp(argv[i], "--root") == 0 && i + 1 < argc)
			c->root_path = argv[++i];
		else if (options && strncmp(argv[i], "--root=", 7) == 0)
			c->root_path = argv[i] + 7;
		else if (options && (strcmp(argv[i], "--brief") == 0 || strcmp(argv[i], "-b") == 0))
			c->brief = true;
		else if (options && argv[i][0] == '-' && argv[i][1])
			return false;
		else
			c->names[kept++] = argv[i];
	}
	c->names_n = kept;
	return true;
}

static int usage(const struct verb *v)
{
	for (size_t i = 0; i < unit_commands.n; i++)
		if (strcmp(unit_commands.rows[i].name, v->name) == 0)
			fprintf(stderr, "usage: slate %s %s\n", v->name, unit_commands.rows[i].args);
	return COMMAND_USAGE;
}

static int run(int argc, char **argv)
{
	const struct verb *v = verbs;
	struct call c = { .verb = argv[0] };
	int status;

	while (strcmp(v->name, argv[0]) != 0)
		v++; /* the rows of unit_commands name only these */
	if (!take_options(&c, argc, argv) || (v->needs_names && c.names_n == 0))
		return usage(v);

	FD_AUTO root = open(c.root_path ? c.root_path : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (root < 0) {
		struct err e;

		err_sys(&e, "open %s", c.root_path ? c.root_path : "/");
		return complain(&c, &e);
	}
	c.root = root;
	status = v->run(&c);
	return fflush(stdout) == 0 ? status : COMMAND_FAILED;
}

static const struct command rows[] = {
	{ "check", "[--root DIR] [--brief] [FILE|UNIT...]",
	  "say of each line of unit files what becomes of it", run },
	{ "enable", "[--root DIR] UNIT...", "start units at boot", run },
	{ "disable", "[--root DIR] UNIT...", "no longer start units at boot", run },
	{ "mask", "[--root DIR] UNIT...", "keep units from being started at all", run },
	{ "unmask", "[--root DIR] UNIT...", "undo mask", run },
	{ "preset", "[--root DIR] UNIT...", "enable or disable units as the preset files say", run },
	{ "is-enabled", "[--root DIR] UNIT...", "are units started at boot", run },
	{ "cat", "[--root DIR] UNIT...", "print the files of units", run },
};

const struct command_table unit_commands = { "Unit files", rows, sizeof rows / sizeof *rows };
