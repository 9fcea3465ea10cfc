/* The state table of services: every cell, and the stories that matter. */
#include "../../../init/super/service.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#define FIRST ((enum svc_state)(SVC_NONE + 1))

static void every_cell_is_filled(void **state)
{
	(void)state;
	for (int s = FIRST; s < SVC_STATES; s++)
		for (int ev = 0; ev < SVC_EVENTS; ev++) {
			struct service v = { (enum svc_state)s };

			service_step(&v, (enum svc_event)ev);
			if (v.state == SVC_NONE)
				fail_msg("%s has no cell for event %d", service_state_name((enum svc_state)s), ev);
		}
}

static void nothing_happens_when_nothing_happens(void **state)
{
	(void)state;
	for (int s = FIRST; s < SVC_STATES; s++) {
		struct service v = { (enum svc_state)s };

		assert_int_equal(service_step(&v, EV_NONE), ACT_NONE);
		assert_int_equal(v.state, s);
	}
}

static void every_state_has_its_names(void **state)
{
	(void)state;
	for (int s = SVC_NONE; s < SVC_STATES; s++) {
		assert_non_null(service_state_name((enum svc_state)s));
		assert_non_null(service_active_name((enum svc_state)s));
	}
}

/* Wherever a service is, being told to stop and then running out of time again
 * and again takes it down: no state can hold a shutdown up. */
static void every_state_comes_down_by_stop_and_timeouts(void **state)
{
	(void)state;
	for (int s = FIRST; s < SVC_SETTLING; s++) {
		struct service v = { (enum svc_state)s };

		service_step(&v, EV_STOP);
		for (int i = 0; i < 8 && v.state != SVC_SETTLING; i++) {
			if (v.state == SVC_DOWN || v.state == SVC_FAILED)
				break;
			service_step(&v, EV_TIMEOUT);
		}
		if (v.state == SVC_SETTLING)
			assert_int_equal(service_step(&v, EV_REST), ACT_DOWN);
		assert_true(v.state == SVC_DOWN || v.state == SVC_FAILED);
	}
}

/* Only a start, and the end of the wait for a restart, may run ExecCondition=. */
static void only_a_start_starts(void **state)
{
	(void)state;
	for (int s = FIRST; s < SVC_STATES; s++)
		for (int ev = 0; ev < SVC_EVENTS; ev++) {
			struct service v = { (enum svc_state)s };
			enum svc_action act = service_step(&v, (enum svc_event)ev);

			if (act != ACT_CHECK)
				continue;
			assert_true(s == SVC_DOWN || s == SVC_FAILED || s == SVC_WAITING);
			assert_true(ev == EV_START || (s == SVC_WAITING && ev == EV_TIMEOUT));
		}
}

static const struct {
	const char *row;
	enum svc_state from;
	enum svc_event event;
	enum svc_state to;
	enum svc_action act;
} rows[] = {
	{ "a start checks first", SVC_DOWN, EV_START, SVC_CHECKING, ACT_CHECK },
	{ "a failed one can be started", SVC_FAILED, EV_START, SVC_CHECKING, ACT_CHECK },
	{ "conditions hold", SVC_CHECKING, EV_DONE, SVC_PREPARING, ACT_PREPARE },
	{ "a condition says no", SVC_CHECKING, EV_SKIP, SVC_ENDING, ACT_TERM },
	{ "the main process comes after start-pre", SVC_PREPARING, EV_DONE, SVC_STARTING, ACT_SPAWN },
	{ "start-pre fails", SVC_PREPARING, EV_BROKEN, SVC_ENDING, ACT_TERM },
	{ "ready", SVC_STARTING, EV_READY, SVC_FINISHING, ACT_FINISH },
	{ "a oneshot's commands are done", SVC_STARTING, EV_DONE, SVC_FINISHING, ACT_FINISH },
	{ "it dies before it is ready", SVC_STARTING, EV_CRASHED, SVC_ENDING, ACT_TERM },
	{ "it is never ready", SVC_STARTING, EV_TIMEOUT, SVC_ENDING, ACT_TERM },
	{ "up", SVC_FINISHING, EV_DONE, SVC_UP, ACT_UP },
	{ "a oneshot remains", SVC_FINISHING, EV_REMAIN, SVC_EXITED, ACT_UP },
	{ "a oneshot does not remain", SVC_FINISHING, EV_EXITED, SVC_STOPPING, ACT_STOP },
	{ "a crash runs no ExecStop=", SVC_UP, EV_CRASHED, SVC_ENDING, ACT_TERM },
	{ "a clean end does", SVC_UP, EV_EXITED, SVC_STOPPING, ACT_STOP },
	{ "a stop", SVC_UP, EV_STOP, SVC_STOPPING, ACT_STOP },
	{ "a watchdog aborts", SVC_UP, EV_WATCHDOG, SVC_ENDING, ACT_ABORT },
	{ "a failed reload leaves it up", SVC_RELOADING, EV_BROKEN, SVC_UP, ACT_RELOADED },
	{ "a reload that hangs is cut", SVC_RELOADING, EV_TIMEOUT, SVC_UP, ACT_RELOAD_CUT },
	{ "ExecStop= is over", SVC_STOPPING, EV_DONE, SVC_ENDING, ACT_TERM },
	{ "ExecStop= that fails is over, too", SVC_STOPPING, EV_BROKEN, SVC_ENDING, ACT_TERM },
	{ "all gone", SVC_ENDING, EV_GONE, SVC_CLEANING, ACT_CLEAN },
	{ "it does not end", SVC_ENDING, EV_TIMEOUT, SVC_KILLING, ACT_KILL },
	{ "not even by SIGKILL", SVC_KILLING, EV_TIMEOUT, SVC_CLEANING, ACT_CLEAN },
	{ "what ExecStopPost= left is told", SVC_CLEANING, EV_DONE, SVC_SWEEPING, ACT_TERM },
	{ "and killed", SVC_SWEEPING, EV_TIMEOUT, SVC_PURGING, ACT_KILL },
	{ "the end is settled", SVC_SWEEPING, EV_GONE, SVC_SETTLING, ACT_SETTLE },
	{ "down", SVC_SETTLING, EV_REST, SVC_DOWN, ACT_DOWN },
	{ "failed", SVC_SETTLING, EV_FAIL, SVC_FAILED, ACT_DOWN },
	{ "again", SVC_SETTLING, EV_AGAIN, SVC_WAITING, ACT_RESTART },
	{ "the wait is over", SVC_WAITING, EV_TIMEOUT, SVC_CHECKING, ACT_CHECK },
	{ "a stop ends the wait", SVC_WAITING, EV_STOP, SVC_DOWN, ACT_DOWN },
	{ "a start during a stop waits for the job queue", SVC_ENDING, EV_START, SVC_ENDING, ACT_NONE },
};

static void cells_say_what_systemd_does(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct service v = { rows[i].from };
		enum svc_action act = service_step(&v, rows[i].event);

		if (v.state != rows[i].to || act != rows[i].act)
			fail_msg("%s: went to %s", rows[i].row, service_state_name(v.state));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_cell_is_filled),
		cmocka_unit_test(nothing_happens_when_nothing_happens),
		cmocka_unit_test(every_state_has_its_names),
		cmocka_unit_test(every_state_comes_down_by_stop_and_timeouts),
		cmocka_unit_test(only_a_start_starts),
		cmocka_unit_test(cells_say_what_systemd_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
