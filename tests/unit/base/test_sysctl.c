/* sysctl: lines of sysctl.conf(5), and where each setting is. */
#include "../../../init/base/fd.h"
#include "../../../init/base/sysctl.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void a_name_is_a_file_below_proc_sys(void **state)
{
	static const struct {
		const char *name, *path;
	} rows[] = {
		{ "kernel.sysrq", "/proc/sys/kernel/sysrq" },
		{ "kernel/sysrq", "/proc/sys/kernel/sysrq" },
		{ "net.ipv4.conf.eth0/1.forwarding", "/proc/sys/net/ipv4/conf/eth0.1/forwarding" },
		{ "net/ipv4/conf/eth0.1/forwarding", "/proc/sys/net/ipv4/conf/eth0.1/forwarding" },
		{ "net.ipv4.conf.*.rp_filter", "/proc/sys/net/ipv4/conf/*/rp_filter" },
		{ "", NULL }, { ".kernel", NULL }, { "/etc/passwd", NULL },
		{ "net/../kernel/sysrq", NULL }, { "kernel..sysrq", NULL },
		{ "kernel/..", NULL }, { "kernel.//", NULL },
		{ "kernel/.?/.?/.?/etc/x", NULL }, { "kernel/.*/sysrq", NULL },
	};
	char path[SYSCTL_PATH_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		int result = sysctl_path(span_of(rows[i].name), path);

		if ((result < 0) != !rows[i].path)
			fail_msg("%s: %d", rows[i].name, result);
		if (rows[i].path)
			assert_string_equal(path, rows[i].path);
	}
}

static void only_lines_that_set_something_are_taken(void **state)
{
	struct span text = span_of("# comment\n; another\n\n  kernel.sysrq=0\n"
	                           "-net.core.somaxconn = 4096 \nkernel.core_pattern = |/bin/x %p\nnonsense");
	struct sysctl_line line;

	(void)state;
	assert_true(sysctl_next(&text, &line));
	assert_true(span_is(line.name, "kernel.sysrq") && span_is(line.value, "0"));
	assert_false(line.optional || sysctl_is_net(line.name));
	assert_true(sysctl_next(&text, &line));
	assert_true(span_is(line.name, "net.core.somaxconn") && span_is(line.value, "4096"));
	assert_true(line.optional && sysctl_is_net(line.name));
	assert_true(sysctl_next(&text, &line));
	assert_true(span_is(line.value, "|/bin/x %p"));
	assert_true(sysctl_next(&text, &line));
	assert_true(span_is(line.name, "nonsense") && !line.value.at);
	assert_false(sysctl_next(&text, &line));
}

static void what_is_not_there_is_named(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_int_equal(sysctl_set(span_of("kernel.no_such_setting"), span_of("1"), &e), -1);
	assert_non_null(strstr(e.text, "kernel/no_such_setting"));
	assert_int_equal(sysctl_set(span_of("../etc/x"), span_of("1"), &e), -1);
	assert_int_equal(sysctl_set(span_of("kernel.no_such_*"), span_of("1"), &e), 0);
}

static void no_pattern_leads_out_of_proc_sys(void **state)
{
	static const char *const ups[] = { ".?", "\\.?", "?.", "[.]?", "*" };
	char file[64], name[128], text[8];
	struct err e = { 0 };

	(void)state;
	snprintf(file, sizeof file, "/tmp/slate-sysctl-%d", (int)getpid());
	assert_int_equal(fd_write_file(AT_FDCWD, file, "old", 3, &e), 0);
	for (size_t i = 0; i < sizeof ups / sizeof *ups; i++) {
		snprintf(name, sizeof name, "kernel/%s/%s/%s%s", ups[i], ups[i], ups[i], file);
		sysctl_set(span_of(name), span_of("new"), &e);
		assert_int_equal(fd_read_file(AT_FDCWD, file, text, sizeof text, &e), 3);
		if (memcmp(text, "old", 3) != 0)
			fail_msg("%s", name);
	}
	unlink(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_is_a_file_below_proc_sys),
		cmocka_unit_test(only_lines_that_set_something_are_taken),
		cmocka_unit_test(what_is_not_there_is_named),
		cmocka_unit_test(no_pattern_leads_out_of_proc_sys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
