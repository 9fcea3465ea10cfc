/* manifest, changes: what is told as a change, and what is not. */
#include "../../../overlay/changes/changes.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "../../../init/base/fd.h"

static char image[] = "/tmp/slate-changes-XXXXXX";
static int pristine;

static int make_image(void **state)
{
	char command[300];

	(void)state;
	if (!mkdtemp(image))
		return -1;
	snprintf(command, sizeof command,
	         "cd %s && mkdir -p etc/d/sub && printf one >etc/a && printf two >etc/d/b && "
	         "printf sub >etc/d/sub/c && chmod 644 etc/a etc/d/b etc/d/sub/c && "
	         "chmod 755 etc etc/d etc/d/sub && ln -s a etc/l",
	         image);
	if (system(command) != 0)
		return -1;
	pristine = open(image, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return pristine < 0;
}

static int remove_image(void **state)
{
	char command[100];

	(void)state;
	close(pristine);
	snprintf(command, sizeof command, "rm -rf %s", image);
	return system(command);
}

/* A row of a manifest; the owner is whoever made the image. */
struct row {
	enum member_type type;
	const char *path, *content; /* or target */
	uint32_t mode;              /* 0: 0644, of directories 0755, of links 0777 */
};

static ssize_t give(void *ctx, void *buf, size_t len, struct err *e)
{
	const char **text = ctx;
	size_t n = strlen(*text) < len ? strlen(*text) : len;

	(void)e;
	memcpy(buf, *text, n);
	*text += n;
	return (ssize_t)n;
}

static void add(struct manifest *m, const struct row *row)
{
	const char *text = row->content;
	const struct member_data data = { give, &text };
	const bool link = row->type == MEMBER_SYMLINK || row->type == MEMBER_HARDLINK;
	uint32_t mode = row->type == MEMBER_DIRECTORY ? 0755
	                : row->type == MEMBER_SYMLINK ? 0777
	                                              : 0644;
	const struct member member = {
		.type = row->type,
		.path = row->path,
		.target = link ? row->content : NULL,
		.mode = row->mode ? row->mode : mode,
		.uid = getuid(),
		.gid = getgid(),
		.size = row->type == MEMBER_FILE ? strlen(row->content) : 0,
	};
	struct err e = { 0 };

	assert_int_equal(manifest_member(m, &member, &data, &e), 0);
}

static char told[1000];

static void tell(void *ctx, const struct change *c)
{
	size_t len = strlen(told);

	(void)ctx;
	snprintf(told + len, sizeof told - len, "%c %s%s%s%s\n", c->kind, c->path,
	         c->what[0] ? " (" : "", c->what, c->what[0] ? ")" : "");
}

enum { ROWS = 6 };
#define NOTHING                                                                                    \
	{                                                                                          \
		{                                                                                  \
			MEMBER_NONE, NULL, NULL, 0                                                 \
		}                                                                                  \
	}

struct change_case {
	const char *name;
	struct row old[ROWS], now[ROWS];
	const char *told;
};

static void fill(struct manifest *m, const struct row *rows)
{
	for (size_t r = 0; r < ROWS && rows[r].type; r++)
		add(m, &rows[r]);
	manifest_finish(m);
}

static void check_case(const struct change_case *c)
{
	struct manifest old = { 0 }, now = { 0 };
	const struct changes changes = { &old, &now, pristine, tell, NULL, NULL };
	struct err e = { 0 };
	long lines = 0, n;

	print_message("  %s\n", c->name);
	fill(&old, c->old);
	fill(&now, c->now);
	told[0] = '\0';
	n = changes_find(&changes, &e);
	assert_string_equal(told, c->told);
	for (const char *at = told; (at = strchr(at, '\n')); at++)
		lines++;
	assert_int_equal(n, lines);
	manifest_drop(&old);
	manifest_drop(&now);
}

static void what_differs_from_what_was_saved_is_told(void **state)
{
	static const struct change_case cases[] = {
		{ "nothing", NOTHING, NOTHING, "" },
		{ "a new file", NOTHING, { { MEMBER_FILE, "etc/n", "x", 0 } }, "A etc/n\n" },
		{ "the same twice",
		  { { MEMBER_FILE, "etc/n", "x", 0 } },
		  { { MEMBER_FILE, "etc/n", "x", 0 } },
		  "" },
		{ "another content",
		  { { MEMBER_FILE, "etc/n", "x", 0 } },
		  { { MEMBER_FILE, "etc/n", "y", 0 } },
		  "U etc/n (content)\n" },
		{ "another mode",
		  { { MEMBER_FILE, "etc/n", "x", 0 } },
		  { { MEMBER_FILE, "etc/n", "x", 0600 } },
		  "U etc/n (mode)\n" },
		{ "no longer there", { { MEMBER_FILE, "etc/n", "x", 0 } }, NOTHING, "D etc/n\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		check_case(&cases[i]);
}

static void what_differs_from_the_image_is_told(void **state)
{
	static const struct change_case cases[] = {
		{ "over the image's",
		  NOTHING,
		  { { MEMBER_FILE, "etc/a", "mine", 0 } },
		  "U etc/a (content)\n" },
		{ "the image's again",
		  { { MEMBER_FILE, "etc/a", "mine", 0 } },
		  NOTHING,
		  "U etc/a (content)\n" },
		{ "equal to the image's", NOTHING, { { MEMBER_FILE, "etc/a", "one", 0 } }, "" },
		{ "deleted", NOTHING, { { MEMBER_WHITEOUT, "etc/a", "", 0 } }, "D etc/a\n" },
		{ "deleted as before",
		  { { MEMBER_WHITEOUT, "etc/a", "", 0 } },
		  { { MEMBER_WHITEOUT, "etc/a", "", 0 } },
		  "" },
		{ "not deleted any more",
		  { { MEMBER_WHITEOUT, "etc/a", "", 0 } },
		  NOTHING,
		  "A etc/a\n" },
		{ "a deletion of nothing",
		  NOTHING,
		  { { MEMBER_WHITEOUT, "etc/none", "", 0 } },
		  "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		check_case(&cases[i]);
}

static void a_directory_is_told_when_it_is_another(void **state)
{
	static const struct change_case cases[] = {
		{ "a directory on the way",
		  NOTHING,
		  { { MEMBER_DIRECTORY, "etc", "", 0 }, { MEMBER_FILE, "etc/n", "x", 0 } },
		  "A etc/n\n" },
		{ "a directory's mode",
		  NOTHING,
		  { { MEMBER_DIRECTORY, "etc/d", "", 0700 } },
		  "U etc/d (mode)\n" },
		{ "a replaced directory",
		  NOTHING,
		  { { MEMBER_DIRECTORY, "etc/d", "", 0 },
		    { MEMBER_OPAQUE, "etc/d", "", 0 },
		    { MEMBER_FILE, "etc/d/b", "two", 0 } },
		  "U etc/d (replaced)\n" },
		{ "a file out of a replaced directory",
		  { { MEMBER_DIRECTORY, "etc/d", "", 0 },
		    { MEMBER_OPAQUE, "etc/d", "", 0 },
		    { MEMBER_FILE, "etc/d/b", "two", 0 } },
		  { { MEMBER_DIRECTORY, "etc/d", "", 0 }, { MEMBER_OPAQUE, "etc/d", "", 0 } },
		  "D etc/d/b\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		check_case(&cases[i]);
}

static void another_type_is_told_and_another_name_of_a_file_is_not(void **state)
{
	static const struct change_case cases[] = {
		{ "another type",
		  NOTHING,
		  { { MEMBER_SYMLINK, "etc/a", "b", 0 } },
		  "U etc/a (type)\n" },
		{ "another target",
		  NOTHING,
		  { { MEMBER_SYMLINK, "etc/l", "b", 0 } },
		  "U etc/l (target)\n" },
		{ "a hard link is its file",
		  { { MEMBER_FILE, "etc/m", "x", 0 }, { MEMBER_FILE, "etc/n", "x", 0 } },
		  { { MEMBER_FILE, "etc/m", "x", 0 }, { MEMBER_HARDLINK, "etc/n", "etc/m", 0 } },
		  "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		check_case(&cases[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_differs_from_what_was_saved_is_told),
		cmocka_unit_test(what_differs_from_the_image_is_told),
		cmocka_unit_test(a_directory_is_told_when_it_is_another),
		cmocka_unit_test(another_type_is_told_and_another_name_of_a_file_is_not),
	};

	return cmocka_run_group_tests(tests, make_image, remove_image);
}
