/* child, hook, fd, json, degraded: what touches processes and files. */
#include "../../../init/base/child.h"
#include "../../../init/base/clock.h"
#include "../../../init/base/degraded.h"
#include "../../../init/base/fd.h"
#include "../../../init/base/hook.h"
#include "../../../init/base/json.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char dir[] = "/tmp/slate-base-XXXXXX";
static int dirfd_;

static int make_dir(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	dirfd_ = open(dir, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
	return dirfd_ < 0;
}

static int remove_dir(void **state)
{
	char command[100];

	(void)state;
	close(dirfd_);
	snprintf(command, sizeof command, "rm -rf %s", dir);
	return system(command);
}

static int answer(void *arg, void *out, struct err *e)
{
	(void)e;
	*(int *)out = *(int *)arg + 1;
	return 7;
}

static int refuse(void *arg, void *out, struct err *e)
{
	(void)arg, (void)out;
	return err_say(e, "no such thing");
}

static int crash(void *arg, void *out, struct err *e)
{
	(void)arg, (void)out, (void)e;
	signal(SIGABRT, SIG_DFL);
	raise(SIGKILL);
	return 0;
}

static int hang(void *arg, void *out, struct err *e)
{
	(void)arg, (void)out, (void)e;
	return pause();
}

static void a_child_fills_the_result_and_its_return_value_comes_back(void **state)
{
	struct child_limits none = { 0 };
	struct err e = { 0 };
	int in = 41, out = 0;

	(void)state;
	assert_int_equal(child_call(answer, &in, &out, sizeof out, &none, &e), 7);
	assert_int_equal(out, 42);
}

static void a_child_that_refuses_crashes_or_hangs_is_an_error(void **state)
{
	struct child_limits soon = { .deadline_ms = clock_now_ms() + 200 };
	struct err e = { 0 };
	int out = 5;

	(void)state;
	assert_int_equal(child_call(refuse, NULL, &out, sizeof out, &soon, &e), -1);
	assert_string_equal(e.text, "no such thing");
	assert_int_equal(child_call(crash, NULL, &out, sizeof out, &soon, &e), -1);
	assert_string_equal(e.text, "crashed (Killed)");
	assert_int_equal(child_call(hang, NULL, &out, sizeof out, &soon, &e), -1);
	assert_string_equal(e.text, "ran out of time");
	assert_int_equal(out, 5);
}

static void beneath_follows_no_link_and_stays_inside(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_int_equal(fd_mkdirs(dirfd_, "a/b", 0755, &e), 0);
	assert_int_equal(fd_write_file(dirfd_, "a/b/file", "text", 4, &e), 0);
	assert_int_equal(symlinkat("/etc/passwd", dirfd_, "a/out"), 0);
	assert_int_equal(symlinkat("b", dirfd_, "a/in"), 0);
	assert_int_equal(fd_open_beneath(dirfd_, "a/out", O_RDONLY, 0), -1);
	assert_int_equal(errno, ELOOP);
	assert_int_equal(fd_open_beneath(dirfd_, "a/in/file", O_RDONLY, 0), -1);
	assert_int_equal(fd_open_beneath(dirfd_, "a/../../x", O_RDONLY, 0), -1);
	assert_int_equal(errno, EXDEV);

	FD_AUTO fd = fd_open_in_root(dirfd_, "a/in/file", O_RDONLY, 0);

	assert_true(fd >= 0);
}

static void a_small_file_is_read_whole_or_refused(void **state)
{
	struct err e = { 0 };
	char buf[5];

	(void)state;
	assert_int_equal(fd_write_file(dirfd_, "four", "text", 4, &e), 0);
	assert_int_equal(fd_read_file(dirfd_, "four", buf, sizeof buf, &e), 4);
	assert_string_equal(buf, "text");
	assert_int_equal(fd_read_file(dirfd_, "four", buf, 4, &e), -1);
	assert_string_equal(e.text, "four: larger than 3 bytes");
	assert_int_equal(fd_read_file(dirfd_, "none", buf, 4, &e), -1);
	assert_int_equal(e.code, ENOENT);
}

static void script(const char *path, const char *text)
{
	struct err e = { 0 };

	assert_int_equal(fd_write_file(dirfd_, path, text, strlen(text), &e), 0);
	assert_int_equal(fchmodat(dirfd_, path, 0755, 0), 0);
}

static void gather(void *ctx, const char *name, const char *line, int failed)
{
	char *all = ctx;

	snprintf(all + strlen(all), 600 - strlen(all), "%s%s:%s\n", failed ? "!" : "", name, line);
}

static void hooks_run_in_order_and_a_bad_one_does_not_stop_the_rest(void **state)
{
	char site[100], shipped[100], all[600] = "";
	char *environment[] = { "SLATE_X=1", "PATH=/usr/bin:/bin", NULL };
	const char *dirs[] = { site, shipped, "/nonexistent", NULL };
	struct hook_run run = { "boot", dirs, environment, 400, gather, all };
	struct err e = { 0 };

	(void)state;
	snprintf(site, sizeof site, "%s/site", dir);
	snprintf(shipped, sizeof shipped, "%s/shipped", dir);
	assert_int_equal(fd_mkdirs(dirfd_, "site/boot.d", 0755, &e), 0);
	assert_int_equal(fd_mkdirs(dirfd_, "shipped/boot.d", 0755, &e), 0);
	script("shipped/boot.d/10-first", "#!/bin/sh\necho x=$SLATE_X\nprintf cut\n");
	script("shipped/boot.d/20-hidden", "#!/bin/sh\necho shipped\n");
	script("site/boot.d/20-hidden", "#!/bin/sh\nexit 3\n");
	script("shipped/boot.d/30-slow", "#!/bin/sh\nsleep 100\n");
	script("shipped/boot.d/40-off", "#!/bin/sh\necho never\n");
	assert_int_equal(symlinkat("/dev/null", dirfd_, "site/boot.d/40-off"), 0);
	script("site/boot.d/50-last", "#!/bin/sh\necho last\n");
	assert_int_equal(hook_run_phase(&run, &e), 2);
	assert_string_equal(all, "10-first:x=1\n10-first:cut\n!20-hidden:exited with status 3\n"
	                         "!30-slow:after 0 s: ran out of time\n50-last:last\n");
}

static void json_is_valid_whatever_the_text_holds(void **state)
{
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	struct json j;

	(void)state;
	json_open(&j, out);
	json_object(&j, NULL);
	json_text(&j, "a", "q\"\\\n\xc3\xa4\xff");
	json_text(&j, "none", NULL);
	json_array(&j, "list");
	json_number(&j, NULL, -5);
	json_bool(&j, NULL, true);
	json_end(&j);
	json_end(&j);
	fclose(out);
	assert_string_equal(text, "{\"a\":\"q\\\"\\\\\\u000a\xc3\xa4\\u00ff\",\"none\":null,"
	                          "\"list\":[-5,true]}\n");
	free(text);
}

static void degraded_keeps_a_clean_line_for_each_thing(void **state)
{
	char path[100], buf[200];
	struct err e = { 0 };

	(void)state;
	snprintf(path, sizeof path, "%s/degraded", dir);
	assert_int_equal(degraded_add(path, "restore: slot-2\nis damaged", &e), 0);
	assert_int_equal(degraded_add(path, "toram: off", &e), 0);
	assert_true(fd_read_file(AT_FDCWD, path, buf, sizeof buf, &e) > 0);
	assert_string_equal(buf, "restore: slot-2?is damaged\ntoram: off\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_child_fills_the_result_and_its_return_value_comes_back),
		cmocka_unit_test(a_child_that_refuses_crashes_or_hangs_is_an_error),
		cmocka_unit_test(beneath_follows_no_link_and_stays_inside),
		cmocka_unit_test(a_small_file_is_read_whole_or_refused),
		cmocka_unit_test(hooks_run_in_order_and_a_bad_one_does_not_stop_the_rest),
		cmocka_unit_test(json_is_valid_whatever_the_text_holds),
		cmocka_unit_test(degraded_keeps_a_clean_line_for_each_thing),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
