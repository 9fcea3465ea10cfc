/* Conditions: each kind against a root made for it, and how they combine. */
#include "tree.h"

#include "../../../init/unit/condition.h"
#include "../../../init/unit/directive.h"

static struct tree t;

static int make(void **state)
{
	tree_set_up(state);
	tree_file(&t, "etc/full", "x");
	tree_file(&t, "etc/empty", "");
	tree_file(&t, "dir/sub/file", "x");
	tree_file(&t, "bin/tool", "x");
	assert_int_equal(fchmodat(t.root, "bin/tool", 0755, 0), 0);
	assert_int_equal(mkdirat(t.root, "hollow", 0755), 0);
	tree_link(&t, "link", "/etc/full");
	tree_link(&t, "dangling", "/nowhere");
	tree_file(&t, "proc/cmdline", "quiet root=LABEL=X slate.name=a\n");
	tree_file(&t, "etc/os-release", "ID=debian\nVERSION_ID=\"12\"\n");
	tree_file(&t, "etc/machine-id", "0123456789abcdef0123456789abcdef\n");
	tree_file(&t, "sys/module/loop/x", "");
	tree_file(&t, "sys/module/apparmor/parameters/enabled", "Y\n");
	tree_file(&t, "sys/class/dmi/id/sys_vendor", "QEMU\n");
	tree_file(&t, "sys/fs/cgroup/cgroup.controllers", "cpu memory pids\n");
	tree_file(&t, "proc/self/status", "Name:\tx\nCapBnd:\t0000000000001000\n");
	tree_file(&t, "etc/passwd", "root:x:0:0::/root:/bin/sh\nother:x:77777:1::/:\n");
	return 0;
}

static const struct {
	const char *name, *value;
	int holds;
} rows[] = {
	{ "PathExists", "/etc/full", 1 }, { "PathExists", "/etc/none", 0 },
	{ "PathExists", "/link", 1 }, { "PathExists", "/dangling", 0 },
	{ "PathExistsGlob", "/etc/f*", 1 }, { "PathExistsGlob", "/etc/z*", 0 },
	{ "PathExistsGlob", "/*/sub/fil?", 1 }, { "PathExistsGlob", "/dir/[a-r]*", 0 },
	{ "PathIsDirectory", "/dir", 1 }, { "PathIsDirectory", "/etc/full", 0 },
	{ "PathIsSymbolicLink", "/dangling", 1 }, { "PathIsSymbolicLink", "/etc/full", 0 },
	{ "PathIsMountPoint", "/etc", 0 }, { "PathIsSocket", "/etc/full", 0 },
	{ "PathIsReadWrite", "/etc", 1 }, { "PathIsReadWrite", "/none", 0 },
	{ "DirectoryNotEmpty", "/dir", 1 }, { "DirectoryNotEmpty", "/hollow", 0 },
	{ "FileNotEmpty", "/etc/full", 1 }, { "FileNotEmpty", "/etc/empty", 0 },
	{ "FileNotEmpty", "/dir", 0 },
	{ "FileIsExecutable", "/bin/tool", 1 }, { "FileIsExecutable", "/etc/full", 0 },
	{ "KernelCommandLine", "quiet", 1 }, { "KernelCommandLine", "root", 1 },
	{ "KernelCommandLine", "root=LABEL=X", 1 }, { "KernelCommandLine", "root=LABEL=Y", 0 },
	{ "KernelCommandLine", "slate", 0 },
	{ "OSRelease", "ID=debian", 1 }, { "OSRelease", "ID=alpine", 0 },
	{ "OSRelease", "VERSION_ID>=11 ID!=x", 1 }, { "OSRelease", "VERSION_ID<9", 0 },
	{ "Host", "0123456789abcdef0123456789abcdef", 1 }, { "Host", "no-such-host-*", 0 },
	{ "KernelModuleLoaded", "loop", 1 }, { "KernelModuleLoaded", "overlay", 0 },
	{ "Security", "apparmor", 1 }, { "Security", "selinux", 0 }, { "Security", "magic", -1 },
	{ "ControlGroupController", "cpu pids", 1 }, { "ControlGroupController", "io", 0 },
	{ "ControlGroupController", "v2", 1 },
	{ "Capability", "CAP_NET_ADMIN", 1 }, { "Capability", "CAP_SYS_ADMIN", 0 },
	{ "Capability", "CAP_FLY", -1 },
	{ "User", "other", 0 }, { "User", "77777", 0 },
	{ "ACPower", "true", 1 }, { "ACPower", "no", 0 },
	{ "FirstBoot", "no", 1 }, { "FirstBoot", "yes", 0 },
	{ "Memory", "1M", 1 }, { "Memory", "< 1M", 0 }, { "Memory", ">= 1P", 0 },
	{ "CPUs", "1", 1 }, { "CPUs", "> 5000", 0 },
	{ "KernelVersion", ">= 3.0", 1 }, { "KernelVersion", "<3.0", 0 },
	{ "KernelVersion", "> 2.6 < 99.1", 1 }, { "KernelVersion", "1.*", 0 },
	{ "Environment", "SLATE_TEST_CONDITION", 1 }, { "Environment", "SLATE_TEST_CONDITION=1", 1 },
	{ "Environment", "SLATE_TEST_CONDITION=2", 0 }, { "Environment", "SLATE_TEST_NONE", 0 },
	{ "Credential", "none", 0 }, { "CPUPressure", "10%", -1 },
	{ "PathIsEncrypted", "/", -1 },
};

/* The kind behind a name, by the table of directives. */
static int kind_of(const char *name)
{
	static struct directive_index x;
	char full[64];
	int row;

	directive_index_fill(&x);
	snprintf(full, sizeof full, "Condition%s", name);
	row = directive_find(&x, span_of(full), IN_UNIT);
	assert_true(row >= 0);
	return (int)directive_row((unsigned)row)->arg;
}

static void each_kind_tells_yes_from_no(void **state)
{
	(void)state;
	setenv("SLATE_TEST_CONDITION", "1", 1);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct unit_condition c = { kind_of(rows[i].name), false, false, false, rows[i].value,
			                    rows[i].name };
		struct err e = { 0 };
		int holds = condition_holds(&c, t.root, &e);

		if (holds != rows[i].holds)
			fail_msg("%s=%s: %d %s", rows[i].name, rows[i].value, holds, e.text);
		c.negate = true;
		if (holds >= 0)
			assert_int_equal(condition_holds(&c, t.root, &e), !holds);
		else
			assert_int_equal(condition_holds(&c, t.root, &e), -1);
	}
}

static void virtual_machines_are_known(void **state)
{
	struct unit_condition c = { CONDITION_VIRTUALIZATION, false, false, false, "vm", "x" };
	struct err e;

	(void)state;
	unsetenv("container");
	assert_int_equal(condition_holds(&c, t.root, &e), 1);
	c.value = "qemu";
	assert_int_equal(condition_holds(&c, t.root, &e), 1);
	c.value = "container";
	assert_int_equal(condition_holds(&c, t.root, &e), 0);
	setenv("container", "lxc", 1);
	assert_int_equal(condition_holds(&c, t.root, &e), 1);
	c.value = "lxc";
	assert_int_equal(condition_holds(&c, t.root, &e), 1);
	c.value = "vm";
	assert_int_equal(condition_holds(&c, t.root, &e), 0);
	unsetenv("container");
}

static const struct {
	const char *lines, *failed; /* NULL: the unit may start */
} together[] = {
	{ "", NULL },
	{ "ConditionPathExists=/etc/full\nConditionPathExists=/dir\n", NULL },
	{ "ConditionPathExists=/etc/full\nConditionPathIsDirectory=/none\n", "ConditionPathIsDirectory" },
	{ "ConditionPathExists=!/none\n", NULL },
	{ "ConditionPathExists=|/none\nConditionPathExists=|/dir\n", NULL },
	{ "ConditionPathExists=|/none\nConditionFileNotEmpty=|/none\n", "ConditionPathExists" },
	{ "ConditionPathExists=|/dir\nConditionFileNotEmpty=/none\n", "ConditionFileNotEmpty" },
	{ "ConditionPathExists=|!/dir\n", "ConditionPathExists" },
	{ "AssertPathExists=/none\n", "AssertPathExists" },
	{ "AssertPathExists=/none\nConditionPathExists=/none\n", "ConditionPathExists" },
	{ "ConditionPathExists=/none\nConditionPathExists=\n", NULL },
	{ "ConditionPathExists=/none\nAssertPathExists=\n", "ConditionPathExists" },
	{ "ConditionPathExists=/etc/%p\n", "ConditionPathExists" },
	{ "ConditionCPUPressure=10%\n", "ConditionCPUPressure" },
};

static void conditions_combine_as_documented(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof together / sizeof *together; i++) {
		char text[512];
		struct unit_set *set;
		const struct unit_condition *failed;

		snprintf(text, sizeof text, "[Unit]\n%s[Service]\nExecStart=/bin/x\n", together[i].lines);
		tree_file(&t, LIB "c.service", text);
		set = tree_load(&t, "c.service");
		failed = condition_failed(tree_unit(set, "c.service"), t.root);
		if ((failed != NULL) != (together[i].failed != NULL) ||
		    (failed && strcmp(failed->name, together[i].failed) != 0))
			fail_msg("%s: %s", together[i].lines, failed ? failed->name : "none");
		unit_set_free(set);
	}
}

static void a_value_that_can_not_be_is_refused(void **state)
{
	struct err e;

	(void)state;
	assert_int_equal(condition_valid(CONDITION_PATH_EXISTS, span_of("x"), &e), -1);
	assert_int_equal(condition_valid(CONDITION_FIRST_BOOT, span_of("maybe"), &e), -1);
	assert_int_equal(condition_valid(CONDITION_HOST, span_of(""), &e), -1);
	assert_int_equal(condition_valid(CONDITION_PATH_EXISTS, span_of("/x"), &e), 0);
}

#define TEST(f) cmocka_unit_test_prestate_setup_teardown(f, make, tree_tear_down, &t)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_kind_tells_yes_from_no),
		TEST(virtual_machines_are_known),
		TEST(conditions_combine_as_documented),
		TEST(a_value_that_can_not_be_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
