/* The pure parts of slate-init: outcomes, backoff, notifications, log lines,
 * console names, handed-over state; and the loop's heap of deadlines. */
#include "../../../init/super/backoff.h"
#include "../../../init/super/consoles.h"
#include "../../../init/super/logline.h"
#include "../../../init/super/loop.h"
#include "../../../init/super/notify.h"
#include "../../../init/super/outcome.h"
#include "../../../init/super/state.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define EXITED(status) ((status) << 8)

/* --- Outcomes --- */

static void the_way_a_process_ends_has_systemds_name(void **state)
{
	struct service_config c = { .success.status = { 1ull << 42 } };

	(void)state;
	assert_int_equal(outcome_of(&c, EXITED(0), true), OUTCOME_SUCCESS);
	assert_int_equal(outcome_of(&c, EXITED(1), true), OUTCOME_EXIT_CODE);
	assert_int_equal(outcome_of(&c, EXITED(42), true), OUTCOME_SUCCESS);
	assert_int_equal(outcome_of(&c, SIGTERM, true), OUTCOME_SUCCESS);
	assert_int_equal(outcome_of(&c, SIGTERM, false), OUTCOME_SIGNAL);
	assert_int_equal(outcome_of(&c, SIGKILL, true), OUTCOME_SIGNAL);
	assert_int_equal(outcome_of(&c, SIGSEGV | 0x80, true), OUTCOME_CORE_DUMP);
}

/* The table of systemd.service(5), "Exit causes and the effect of Restart=". */
static const struct {
	enum outcome outcome;
	bool by[RESTART_ALWAYS + 1]; /* no on-success on-failure on-abnormal on-watchdog on-abort always */
} restarts[] = {
	{ OUTCOME_SUCCESS,   { false, true,  false, false, false, false, true } },
	{ OUTCOME_EXIT_CODE, { false, false, true,  false, false, false, true } },
	{ OUTCOME_SIGNAL,    { false, false, true,  true,  false, true,  true } },
	{ OUTCOME_CORE_DUMP, { false, false, true,  true,  false, true,  true } },
	{ OUTCOME_TIMEOUT,   { false, false, true,  true,  false, false, true } },
	{ OUTCOME_WATCHDOG,  { false, false, true,  true,  true,  false, true } },
	{ OUTCOME_SKIPPED,   { false, false, false, false, false, false, false } },
	{ OUTCOME_START_LIMIT, { false, false, false, false, false, false, false } },
};

static void restart_follows_the_table_of_the_manual(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof restarts / sizeof *restarts; i++)
		for (int r = RESTART_NO; r <= RESTART_ALWAYS; r++) {
			struct service_config c = { .restart = (enum service_restart)r };

			if (outcome_restarts(&c, restarts[i].outcome, -1) != restarts[i].by[r])
				fail_msg("%s with Restart= number %d", outcome_name(restarts[i].outcome), r);
		}
}

static void exit_statuses_can_prevent_or_force_a_restart(void **state)
{
	struct service_config c = {
		.restart = RESTART_ALWAYS, .restart_prevent.status = { 1ull << 3 },
	};

	(void)state;
	assert_false(outcome_restarts(&c, OUTCOME_EXIT_CODE, EXITED(3)));
	assert_true(outcome_restarts(&c, OUTCOME_EXIT_CODE, EXITED(4)));
	c = (struct service_config){ .restart = RESTART_NO, .restart_force.signals = 1ull << (SIGHUP - 1) };
	assert_true(outcome_restarts(&c, OUTCOME_SUCCESS, SIGHUP));
}

static void the_wait_grows_in_steps(void **state)
{
	struct service_config c = {
		.restart_us = 100, .restart_steps = 4, .restart_max_us = 500,
	};

	(void)state;
	assert_int_equal(outcome_delay_us(&c, 0), 100);
	assert_int_equal(outcome_delay_us(&c, 1), 200);
	assert_int_equal(outcome_delay_us(&c, 4), 500);
	assert_int_equal(outcome_delay_us(&c, 1000), 500);
	c.restart_steps = 0;
	assert_int_equal(outcome_delay_us(&c, 7), 100);
}

static void starts_are_counted_in_their_interval(void **state)
{
	struct start_limit l = { 0 };

	(void)state;
	for (int i = 0; i < 5; i++)
		assert_true(start_limit_allows(&l, 1000, 100, 5));
	assert_false(start_limit_allows(&l, 1099, 100, 5));
	assert_true(start_limit_allows(&l, 1100, 100, 5));
	for (int i = 0; i < 100; i++)
		assert_true(start_limit_allows(&l, 1, 0, 5));
}

static void failures_wait_longer_each_time_and_are_forgotten(void **state)
{
	struct backoff b = { 0 };
	uint64_t next = backoff_next(&b, 0, 0), last = 0;

	(void)state;
	assert_int_equal(next, BACKOFF_FIRST_US);
	for (int i = 0; i < 20; i++) {
		next = backoff_next(&b, 0, 0);
		assert_true(next >= last && next <= BACKOFF_LAST_US);
		last = next;
	}
	assert_int_equal(last, BACKOFF_LAST_US);
	assert_int_equal(backoff_next(&b, 0, BACKOFF_STEADY_US), BACKOFF_STEADY_US + BACKOFF_FIRST_US);
}

/* --- Notifications --- */

static void a_notification_is_read_line_by_line(void **state)
{
	struct notify n;

	(void)state;
	notify_decode(span_of("READY=1\nSTATUS=50% done\nMAINPID=4711\nWATCHDOG=1\n"
	                      "EXTEND_TIMEOUT_USEC=90000\nERRNO=2\nX_OTHER=1"), &n);
	assert_true(n.ready && n.watchdog && n.has_status && n.has_extend && n.has_errno);
	assert_string_equal(n.status, "50% done");
	assert_int_equal(n.main_pid, 4711);
	assert_int_equal(n.extend_us, 90000);
	assert_int_equal(n.errno_value, 2);
}

static void what_is_malformed_in_a_notification_is_left_out(void **state)
{
	char big[5000] = "STATUS=";
	struct notify n;

	(void)state;
	notify_decode(span_of("READY=2\nMAINPID=-1\nMAINPID=1\nMAINPID=99999999999\nERRNO=x\nREADY\n=1\n\n"), &n);
	assert_false(n.ready || n.has_errno || n.main_pid);
	notify_decode((struct span){ NULL, 0 }, &n);
	assert_false(n.ready);
	memset(big + 7, '\033', sizeof big - 7);
	notify_decode((struct span){ big, sizeof big }, &n);
	assert_int_equal(strlen(n.status), NOTIFY_STATUS_SIZE - 1);
	assert_null(strchr(n.status, '\033'));
}

/* --- Log lines --- */

static const struct {
	const char *text, *out;
} lines[] = {
	{ "hello", "2026-11-24T10:03:07.123Z hello\n" },
	{ "<3>an error", "2026-11-24T10:03:07.123Z an error\n" },
	{ "<9>no level", "2026-11-24T10:03:07.123Z <9>no level\n" },
	{ "a\ttab and \xc3\xa9", "2026-11-24T10:03:07.123Z a\ttab and \xc3\xa9\n" },
	{ "\033[2J", "2026-11-24T10:03:07.123Z \\x1b[2J\n" },
	{ "forged\n2026", "2026-11-24T10:03:07.123Z forged\\x0a2026\n" },
	{ "windows\r", "2026-11-24T10:03:07.123Z windows\n" },
	{ "", "2026-11-24T10:03:07.123Z \n" },
};

static void a_record_is_one_line_whatever_it_holds(void **state)
{
	char out[LOGLINE_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		size_t len = logline_format(out, 1795514587123456, span_of(lines[i].text));

		if (len != strlen(lines[i].out) || memcmp(out, lines[i].out, len) != 0)
			fail_msg("%s became %.*s", lines[i].text, (int)len, out);
	}
}

static void the_longest_record_fits(void **state)
{
	char text[LOGLINE_TEXT_MAX + 100], *out = malloc(LOGLINE_SIZE);

	(void)state;
	memset(text, 1, sizeof text);
	assert_true(logline_format(out, 0, (struct span){ text, sizeof text }) <= LOGLINE_SIZE);
	free(out);
}

/* --- Consoles --- */

static void each_console_gets_a_login(void **state)
{
	char names[4][UNIT_NAME_SIZE];

	(void)state;
	assert_int_equal(consoles_units(span_of("tty0 ttyS0\n"), names, 4), 2);
	assert_string_equal(names[0], "getty@tty1.service");
	assert_string_equal(names[1], "getty@ttyS0.service");
	assert_int_equal(consoles_units(span_of("../x a/b ok"), names, 4), 1);
	assert_int_equal(consoles_units(span_of("a b c d e f"), names, 4), 4);
}

/* --- Handed-over state --- */

static void state_that_was_not_written_by_us_is_refused(void **state)
{
	struct state_record good = {
		.magic = STATE_MAGIC, .state = SVC_UP, .main_pid = 77, .log_read = -1, .log_write = -1,
		.name = "a.service",
	}, r;

	(void)state;
	assert_true(state_is_valid(&good));
	r = good, r.magic++;
	assert_false(state_is_valid(&r));
	r = good, r.state = SVC_STATES;
	assert_false(state_is_valid(&r));
	r = good, r.main_pid = 1;
	assert_false(state_is_valid(&r));
	r = good, r.log_read = 0, r.log_write = 9;
	assert_false(state_is_valid(&r));
	r = good, r.log_read = 9;
	assert_false(state_is_valid(&r));
	r = good, memset(r.name, 'a', sizeof r.name);
	assert_false(state_is_valid(&r));
	r = good, strcpy(r.name, "../../etc/x.service");
	assert_false(state_is_valid(&r));
}

/* --- The loop --- */

#define DEADLINES 200

struct timed {
	struct deadline deadline;
	int fired;
};

static int order[DEADLINES], fired;

static void passed(struct deadline *d)
{
	struct timed *t = loop_owner(d, struct timed, deadline);

	t->fired++;
	order[fired++] = (int)(size_t)t->fired;
}

static void deadlines_pass_in_their_order_and_only_when_armed(void **state)
{
	static struct timed t[DEADLINES];
	struct loop l;
	struct err e;
	uint64_t last = 0;

	(void)state;
	assert_int_equal(loop_open(&l, &e), 0);
	assert_int_equal(loop_reserve(&l, DEADLINES, &e), 0);
	srand(1);
	for (int round = 0; round < 2000; round++) {
		struct timed *x = &t[rand() % DEADLINES];

		x->deadline.passed = passed;
		if (rand() % 3 == 0)
			loop_disarm(&l, &x->deadline);
		else
			loop_arm(&l, &x->deadline, (uint64_t)(1 + rand() % 1000));
	}
	/* the heap gives them out earliest first */
	while (l.armed) {
		assert_true(l.heap[0]->when >= last);
		last = l.heap[0]->when;
		loop_disarm(&l, l.heap[0]);
	}
	for (int i = 0; i < DEADLINES; i++)
		loop_arm(&l, &t[i].deadline, i % 2 ? 1 : UINT64_MAX / 2);
	for (int i = 0; i < 3; i++)
		loop_turn(&l, 0);
	for (int i = 0; i < DEADLINES; i++)
		assert_int_equal(t[i].fired, i % 2);
	loop_close(&l);
}

struct piped {
	struct source source;
	struct loop *loop;
	struct source *other;
	int calls;
};

static void drop_other(struct source *self, uint32_t events)
{
	struct piped *p = loop_owner(self, struct piped, source);

	(void)events;
	p->calls++;
	loop_drop(p->loop, p->other);
	loop_drop(p->loop, self);
}

static void a_source_dropped_in_a_turn_is_not_called_in_it(void **state)
{
	struct loop l;
	struct err e;
	int a[2], b[2];

	(void)state;
	assert_int_equal(loop_open(&l, &e), 0);
	assert_int_equal(pipe(a) | pipe(b), 0);

	struct piped x = { { a[0], EPOLLIN, drop_other }, &l, NULL, 0 };
	struct piped y = { { b[0], EPOLLIN, drop_other }, &l, &x.source, 0 };

	x.other = &y.source;
	assert_int_equal(loop_add(&l, &x.source) | loop_add(&l, &y.source), 0);
	assert_int_equal(write(a[1], "x", 1) + write(b[1], "x", 1), 2);
	loop_turn(&l, 0);
	assert_int_equal(x.calls + y.calls, 1);
	loop_close(&l);
	for (int i = 0; i < 2; i++) {
		close(a[i]);
		close(b[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_way_a_process_ends_has_systemds_name),
		cmocka_unit_test(restart_follows_the_table_of_the_manual),
		cmocka_unit_test(exit_statuses_can_prevent_or_force_a_restart),
		cmocka_unit_test(the_wait_grows_in_steps),
		cmocka_unit_test(starts_are_counted_in_their_interval),
		cmocka_unit_test(failures_wait_longer_each_time_and_are_forgotten),
		cmocka_unit_test(a_notification_is_read_line_by_line),
		cmocka_unit_test(what_is_malformed_in_a_notification_is_left_out),
		cmocka_unit_test(a_record_is_one_line_whatever_it_holds),
		cmocka_unit_test(the_longest_record_fits),
		cmocka_unit_test(each_console_gets_a_login),
		cmocka_unit_test(state_that_was_not_written_by_us_is_refused),
		cmocka_unit_test(deadlines_pass_in_their_order_and_only_when_armed),
		cmocka_unit_test(a_source_dropped_in_a_turn_is_not_called_in_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
