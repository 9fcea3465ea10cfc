/* Which mounts a unit's wishes come to. */
#include "../unit/tree.h"

#include <linux/mount.h>

#include "../../../init/exec/view.h"

#define RO MOUNT_ATTR_RDONLY
#define NX MOUNT_ATTR_NOEXEC

static struct tree t; /* of unit files, and of paths to speak about: T/a/b/c */

/* "T" in the lines is the tree's path. */
static void put_lines(char *text, size_t size, const char *lines)
{
	size_t used = (size_t)snprintf(text, size, "[Service]\nExecStart=/bin/x\n");

	for (const char *at = lines; *at && used < size; at++) {
		bool is_tree = at[0] == 'T' && at[1] == '/';

		used += (size_t)snprintf(text + used, size - used, "%.*s", is_tree ? 64 : 1,
		                         is_tree ? t.path : at);
	}
}

static int make(struct view *v, const char *lines, struct err *e)
{
	char text[1024];
	struct unit_set *set;
	const struct exec_config *config;
	const struct unit *u;
	const char *tmp;
	int result;

	put_lines(text, sizeof text, lines);
	tree_file(&t, LIB "x.service", text);
	set = tree_load(&t, "x.service");
	u = tree_unit(set, "x.service");
	if (u->load != LOAD_LOADED)
		fail_msg("%s: %s", lines, u->reason);
	config = &u->service->exec_config;
	tmp = config->sandbox->private_tmp ? "/tmp" : "";
	result = view_make(v, config, config->sandbox, tmp, "", e);
	/* what is looked at later must not be the set's */
	unit_set_free(set);
	return result;
}

static const struct view_entry *entry(const struct view *v, const char *path)
{
	char full[128];

	snprintf(full, sizeof full, "%s%s", path[0] == 'T' ? t.path : "", path + (path[0] == 'T'));
	for (unsigned i = 0; i < v->n; i++)
		if (strcmp(v->at[i].path, full) == 0)
			return &v->at[i];
	return NULL;
}

static const struct {
	const char *lines, *path;
	uint64_t attributes;
	enum view_kind kind;
	bool differs;
} cases[] = {
	{ "ReadOnlyPaths=T/a", "T/a", RO, VIEW_SAME, true },
	{ "ReadWritePaths=T/a", "T/a", 0, VIEW_SAME, false },
	{ "ReadOnlyPaths=T/a\nReadWritePaths=T/a/b", "T/a/b", 0, VIEW_SAME, true },
	{ "ReadWritePaths=T/a/b\nReadOnlyPaths=T/a T/a/b/c", "T/a/b/c", RO, VIEW_SAME, true },
	{ "ReadOnlyPaths=T/a T/a/b", "T/a/b", RO, VIEW_SAME, false },
	{ "ReadOnlyPaths=T/a\nReadWritePaths=T/a", "T/a", RO, VIEW_SAME, true },
	{ "ReadOnlyPaths=T/link", "T/a", RO, VIEW_SAME, true },
	{ "NoExecPaths=T/a\nReadOnlyPaths=T/a/b", "T/a/b", RO | NX, VIEW_SAME, true },
	{ "NoExecPaths=T/a\nExecPaths=T/a/b", "T/a/b", 0, VIEW_SAME, true },
	{ "ReadOnlyPaths=T/a\nNoExecPaths=T/a\nExecPaths=T/a/b", "T/a/b", RO, VIEW_SAME, true },
	{ "InaccessiblePaths=T/a\nReadWritePaths=T/a", "T/a", RO | NX, VIEW_HIDDEN, true },
	{ "ReadOnlyPaths=T/a\nBindPaths=/usr:T/a/b", "T/a/b", 0, VIEW_BIND, true },
	{ "BindReadOnlyPaths=/usr:T/a/b", "T/a/b", RO, VIEW_BIND, true },
	{ "NoExecPaths=T/a\nTemporaryFileSystem=T/a/b:ro", "T/a/b", RO | NX, VIEW_TMPFS, true },
	{ "ProtectProc=invisible\nTemporaryFileSystem=/proc:ro", "/proc", RO, VIEW_TMPFS, true },
	{ "TemporaryFileSystem=/proc\nProtectKernelTunables=yes\nBindPaths=/proc/sys/net", "/proc/sys/net", 0,
	  VIEW_BIND, true },
	{ "ProtectSystem=strict", "/", RO, VIEW_SAME, true },
	{ "ProtectSystem=strict", "/dev", 0, VIEW_SAME, true },
	{ "ProtectSystem=strict\nPrivateTmp=yes", "/tmp", 0, VIEW_BIND, true },
	{ "ProtectSystem=strict\nPrivateDevices=yes", "/dev", RO | NX, VIEW_DEV, true },
	{ "ProtectSystem=strict\nProtectKernelTunables=yes", "/sys", RO, VIEW_SAME, false },
	{ "ProtectSystem=strict\nProtectProc=invisible", "/proc", 0, VIEW_PROC, true },
	{ "ProtectSystem=full", "/etc", RO, VIEW_SAME, true },
};

static void each_path_has_the_rights_that_the_lines_leave_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct err e = { 0 };
		struct view v;
		const struct view_entry *x;

		if (make(&v, cases[i].lines, &e) < 0)
			fail_msg("%s: %s", cases[i].lines, e.text);
		x = entry(&v, cases[i].path);
		if (!x || x->attributes != cases[i].attributes || x->kind != cases[i].kind ||
		    x->differs != cases[i].differs)
			fail_msg("%s: %s: attributes %llx, kind %d, differs %d", cases[i].lines,
			         cases[i].path, x ? (unsigned long long)x->attributes : 0,
			         x ? (int)x->kind : -1, x && x->differs);
	}
}

static void what_is_below_a_hidden_path_is_not_there(void **state)
{
	struct err e = { 0 };
	struct view v;

	(void)state;
	assert_int_equal(make(&v, "InaccessiblePaths=T/a\nReadWritePaths=T/a/b\n"
	                          "ReadOnlyPaths=T/a-z", &e), 0);
	assert_null(entry(&v, "T/a/b"));
	assert_non_null(entry(&v, "T/a-z"));
}

static void a_missing_path_is_an_error_unless_it_may_be(void **state)
{
	struct err e = { 0 };
	struct view v;

	(void)state;
	assert_int_equal(make(&v, "ReadOnlyPaths=/no/such", &e), -1);
	assert_string_equal(e.text, "ReadOnlyPaths=/no/such: No such file or directory");
	assert_int_equal(make(&v, "ReadOnlyPaths=-/no/such +-/no/such -+/no/such", &e), 0);
	assert_int_equal(v.n, 0);
	assert_int_equal(make(&v, "BindPaths=-/no/such:T/a", &e), 0);
	assert_int_equal(v.n, 0);
}

static void directories_of_the_unit_stay_writable_but_for_its_configuration(void **state)
{
	struct err e = { 0 };
	struct view v;

	(void)state;
	assert_int_equal(make(&v, "ReadOnlyPaths=/run /etc\nConfigurationDirectory=x", &e), 0);
	assert_true(entry(&v, "/etc")->attributes == RO);
	assert_null(entry(&v, "/etc/x"));
}

static int setup(void **state)
{
	(void)state;
	tree_make(&t);
	tree_base(&t);
	tree_file(&t, "a/b/c/d", "");
	tree_file(&t, "a-z/d", "");
	tree_link(&t, "link", "a");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	tree_remove(&t);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_path_has_the_rights_that_the_lines_leave_it),
		cmocka_unit_test(what_is_below_a_hidden_path_is_not_there),
		cmocka_unit_test(a_missing_path_is_an_error_unless_it_may_be),
		cmocka_unit_test(directories_of_the_unit_stay_writable_but_for_its_configuration),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
