/* enable, disable, mask and presets write links below a root; check reads it. */
#include "tree.h"

#include "../../../init/unit/check.h"
#include "../../../init/unit/commands.h"
#include "../../../init/unit/install.h"

static struct tree t;
static char said[4096];

static void hear(void *ctx, const char *text)
{
	(void)ctx;
	snprintf(said + strlen(said), sizeof said - strlen(said), "%s\n", text);
}

static struct install in(void)
{
	said[0] = '\0';
	return (struct install){ { t.root, NULL }, hear, NULL };
}

static int make(void **state)
{
	tree_set_up(state);
	tree_file(&t, LIB "a.service",
	          "[Service]\nExecStart=/bin/a\n[Install]\nWantedBy=multi-user.target\n"
	          "RequiredBy=x.target\nAlias=b.service\nAlso=c.service\n");
	tree_file(&t, LIB "c.service", "[Service]\nExecStart=/bin/c\n[Install]\nWantedBy=multi-user.target\n");
	tree_file(&t, LIB "static.service", "[Service]\nExecStart=/bin/s\n");
	tree_file(&t, LIB "tty@.service",
	          "[Service]\nExecStart=/bin/tty %i\n[Install]\nWantedBy=getty.target\nDefaultInstance=tty1\n");
	tree_file(&t, LIB "only@.service", "[Service]\nExecStart=/bin/o\n[Install]\nWantedBy=x.target\n");
	return 0;
}

static const char *link_of(const char *path)
{
	static char target[256];
	ssize_t len = readlinkat(t.root, path, target, sizeof target - 1);

	if (len < 0)
		return NULL;
	target[len] = '\0';
	return target;
}

static const char *state_of(const char *name)
{
	struct install i = in();
	struct err e;
	int state = install_state(&i, name, &e);

	return state < 0 ? e.text : install_state_name((enum install_state)state);
}

static void enable_writes_what_install_says(void **state)
{
	struct install i = in();
	struct err e;

	(void)state;
	assert_int_equal(install_enable(&i, "a", &e), 4);
	assert_string_equal(link_of("etc/slate/system/multi-user.target.wants/a.service"), "/" LIB "a.service");
	assert_string_equal(link_of("etc/slate/system/x.target.requires/a.service"), "/" LIB "a.service");
	assert_string_equal(link_of("etc/slate/system/b.service"), "/" LIB "a.service");
	assert_string_equal(link_of("etc/slate/system/multi-user.target.wants/c.service"), "/" LIB "c.service");
	assert_string_equal(state_of("a.service"), "enabled");
	assert_string_equal(state_of("b.service"), "alias");
	i = in();
	assert_int_equal(install_enable(&i, "a.service", &e), 0);
	assert_string_equal(said, "");
}

static void disable_undoes_it_where_ever_the_links_are(void **state)
{
	struct install i = in();
	struct err e;

	(void)state;
	assert_int_equal(install_enable(&i, "c", &e), 1);
	tree_link(&t, ETC "graphical.target.wants/c.service", "/lib/systemd/system/c.service");
	assert_int_equal(install_disable(&i, "c", &e), 2);
	assert_null(link_of("etc/slate/system/multi-user.target.wants/c.service"));
	assert_null(link_of(ETC "graphical.target.wants/c.service"));
	assert_string_equal(state_of("c"), "disabled");
	assert_int_equal(install_disable(&i, "nothing", &e), -1);
	assert_string_equal(e.text, "nothing.service: there is no such unit file");
}

static void a_template_needs_an_instance(void **state)
{
	struct install i = in();
	struct err e;

	(void)state;
	assert_int_equal(install_enable(&i, "tty@.service", &e), 1);
	assert_string_equal(link_of("etc/slate/system/getty.target.wants/tty@tty1.service"),
	                    "/" LIB "tty@.service");
	assert_int_equal(install_enable(&i, "tty@ttyS0", &e), 1);
	assert_string_equal(state_of("tty@ttyS0"), "enabled");
	assert_string_equal(state_of("tty@ttyS1"), "disabled");
	assert_int_equal(install_enable(&i, "only@.service", &e), -1);
	assert_string_equal(e.text, "only@.service is a template: name an instance, only@NAME.service");
	assert_int_equal(install_disable(&i, "tty@ttyS0", &e), 1);
	assert_non_null(link_of("etc/slate/system/getty.target.wants/tty@tty1.service"));
}

static void a_mask_hides_the_unit(void **state)
{
	struct install i = in();
	struct err e;

	(void)state;
	assert_int_equal(install_mask(&i, "a", &e), 1);
	assert_string_equal(link_of("etc/slate/system/a.service"), "/dev/null");
	assert_string_equal(state_of("a"), "masked");
	assert_int_equal(install_enable(&i, "a", &e), -1);
	assert_string_equal(e.text, "a.service is masked; slate unmask a.service comes first");
	assert_int_equal(install_unmask(&i, "a", &e), 1);
	assert_string_equal(state_of("a"), "disabled");
	assert_int_equal(install_unmask(&i, "a", &e), 0);
	tree_file(&t, "etc/slate/system/own.service", "[Service]\nExecStart=/bin/x\n");
	assert_int_equal(install_mask(&i, "own", &e), -1);
	assert_string_equal(state_of("static"), "static");
	assert_string_equal(state_of("nothing"), "not-found");
}

static void presets_decide_by_the_first_match(void **state)
{
	struct install i = in();
	struct err e;

	(void)state;
	tree_file(&t, "usr/lib/systemd/system-preset/90-vendor.preset",
	          "# all\nenable c.service\ndisable *\n");
	assert_int_equal(preset_query(t.root, "c.service", &e), 1);
	assert_int_equal(preset_query(t.root, "a.service", &e), 0);
	tree_file(&t, "etc/slate/system-preset/10-mine.preset", "enable a.*\ndisable tty@.service\n");
	assert_int_equal(preset_query(t.root, "a.service", &e), 1);
	assert_int_equal(preset_query(t.root, "tty@x.service", &e), 0);
	assert_int_equal(install_preset(&i, "a", &e), 4);
	assert_string_equal(state_of("a"), "enabled");
}

static char *checked(const char *what, bool brief, int expected)
{
	static char text[8192];
	struct check_options o = { { t.root, NULL }, fmemopen(text, sizeof text, "w"), brief };
	struct err e = { 0 };

	assert_non_null(o.out);
	assert_int_equal(check_unit(&o, what, &e), expected);
	fclose(o.out);
	return text;
}

static void check_speaks_of_each_line(void **state)
{
	(void)state;
	tree_file(&t, LIB "p.service",
	          "[Unit]\nRequires=gone.service\n[Service]\nExecStart=/bin/p\nPrivateBPF=yes\n"
	          "SyslogLevel=info\nOdd=1\nUMask=9\n");
	assert_string_equal(checked("p.service", false, 0),
		"/usr/lib/systemd/system/p.service\n"
		"    2  honoured     Requires=gone.service\n"
		"    4  honoured     ExecStart=/bin/p\n"
		"    5  refused      PrivateBPF=yes\n"
		"    6  harmless     SyslogLevel=info\n"
		"    7  unknown      Odd=1  # unknown directive\n"
		"    8  wrong        UMask=9  # not an octal mode: 9\n"
		"       requires gone.service, of which there is no unit file\n"
		"p.service: REFUSED: line 8 of /usr/lib/systemd/system/p.service: UMask=: not an octal "
		"mode: 9; 2 honoured, 1 harmless, 1 refused, 2 unknown or wrong\n");
	tree_file(&t, ETC "p.service.d/o.conf", "[Service]\nUMask=022\nX-Slate-Ignore=PrivateTmp\n");
	tree_file(&t, LIB "p.service", "[Service]\nExecStart=/bin/p\nPrivateTmp=yes\n");
	assert_non_null(strstr(checked("p.service", false, 1), "    3  overridden   PrivateTmp=yes\n"));
}

static void check_reads_a_file_by_its_path(void **state)
{
	char path[128];
	struct check_options o = { { t.root, NULL }, stdout, true };
	struct err e;

	(void)state;
	snprintf(path, sizeof path, "%s/" LIB "tty@.service", t.path);
	assert_non_null(strstr(checked(path, false, 1), "tty@instance.service: 3 honoured"));
	assert_int_equal(check_unit(&o, "/etc/passwd", &e), -1);
	assert_int_equal(check_unit(&o, "/none/x.service", &e), -1);
	assert_int_equal(check_unit(&o, "nothing.service", &e), -1);
}

static int command(const char *verb, const char *one, const char *two)
{
	char words[4][64];
	char *argv[] = { words[0], words[1], t.path, words[2], words[3], NULL };

	snprintf(words[0], sizeof words[0], "%s", verb);
	snprintf(words[1], sizeof words[1], "--root");
	snprintf(words[2], sizeof words[2], "%s", one);
	snprintf(words[3], sizeof words[3], "%s", two);
	for (size_t i = 0; i < unit_commands.n; i++)
		if (strcmp(unit_commands.rows[i].name, verb) == 0)
			return unit_commands.rows[i].run(3 + (one[0] != '\0') + (two[0] != '\0'), argv);
	return -1;
}

static void commands_tell_by_their_exit_status(void **state)
{
	(void)state;
	assert_int_equal(command("is-enabled", "c", ""), COMMAND_FAILED);
	assert_int_equal(command("enable", "c", "static"), COMMAND_DONE);
	assert_int_equal(command("is-enabled", "c", "static"), COMMAND_DONE);
	assert_int_equal(command("disable", "c", "nothing"), COMMAND_FAILED);
	assert_int_equal(command("check", "c", ""), COMMAND_DONE);
	assert_int_equal(command("check", "nothing", "c"), COMMAND_FAILED);
	assert_int_equal(command("cat", "--", "c"), COMMAND_DONE);
	assert_int_equal(command("enable", "", ""), COMMAND_USAGE);
	assert_int_equal(command("enable", "--odd", "c"), COMMAND_USAGE);
}

#define TEST(f) cmocka_unit_test_prestate_setup_teardown(f, make, tree_tear_down, &t)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(enable_writes_what_install_says),
		TEST(disable_undoes_it_where_ever_the_links_are),
		TEST(a_template_needs_an_instance),
		TEST(a_mask_hides_the_unit),
		TEST(presets_decide_by_the_first_match),
		TEST(check_speaks_of_each_line),
		TEST(check_reads_a_file_by_its_path),
		TEST(commands_tell_by_their_exit_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
