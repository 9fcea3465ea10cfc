/* Rows for each decoder of a single value. */
#include "../../../init/unit/value.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define BAD (UINT64_MAX - 7) /* the row expects a refusal */

static const struct {
	const char *text;
	uint64_t us;
} times[] = {
	{ "5", 5000000 }, { "0", 0 }, { "1.5s", 1500000 }, { "2min 200ms", 120200000 },
	{ "1h", 3600000000 }, { "1h30min", 5400000000 }, { "5min 20s", 320000000 },
	{ "500ms", 500000 }, { "10 us", 10 }, { "90 sec", 90000000 }, { "1d", 86400000000 },
	{ "1w", 604800000000 }, { "1M", 2629800000000 }, { "1y", 31557600000000 },
	{ "1m", 60000000 }, { "3000ns", 3 }, { "infinity", UNIT_FOREVER }, { " 7 ", 7000000 },
	{ ".5", 500000 }, { "", BAD }, { "soon", BAD }, { "-1", BAD }, { "5 parsecs", BAD },
	{ "s", BAD }, { "5s x", BAD }, { "99999999999999999999", BAD },
	{ "18446744073709551615s", BAD }, { "1..2", BAD },
};

static void time_spans_are_microseconds(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
		uint64_t us = BAD;
		bool good = value_time(span_of(times[i].text), 1000000, 1000000, &us);

		if (good != (times[i].us != BAD) || us != times[i].us)
			fail_msg("%s: %d %llu", times[i].text, good, (unsigned long long)us);
	}
}

static const struct {
	const char *text;
	uint64_t bytes;
} sizes[] = {
	{ "0", 0 }, { "4096", 4096 }, { "64K", 65536 }, { "1.5G", 1610612736 }, { "2 M", 2097152 },
	{ "1T", UINT64_C(1) << 40 }, { "8E", UINT64_C(1) << 63 }, { "infinity", UNIT_FOREVER },
	{ "12B", 12 }, { "", BAD }, { "K", BAD }, { "1X", BAD }, { "64KB", BAD }, { "16E", BAD },
	{ "-1", BAD },
};

static void sizes_are_powers_of_1024(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		uint64_t bytes = BAD;
		bool good = value_size(span_of(sizes[i].text), 1024, &bytes);

		if (good != (sizes[i].bytes != BAD) || bytes != sizes[i].bytes)
			fail_msg("%s: %d %llu", sizes[i].text, good, (unsigned long long)bytes);
	}
}

static void shares_are_hundredths_of_a_percent(void **state)
{
	uint64_t share = 0;
	struct amount amount;

	(void)state;
	assert_true(value_percent(span_of("20%"), 10000, &share) && share == 2000);
	assert_true(value_percent(span_of("12.5%"), 10000, &share) && share == 1250);
	assert_true(value_percent(span_of("100%"), 10000, &share) && share == 10000);
	assert_false(value_percent(span_of("100.01%"), 10000, &share));
	assert_false(value_percent(span_of("20"), 10000, &share));
	assert_false(value_percent(span_of("0.001%"), 10000, &share));
	assert_true(value_amount(span_of("50%"), &amount));
	assert_true(amount.kind == AMOUNT_SHARE && amount.value == 5000);
	assert_true(value_amount(span_of("1G"), &amount));
	assert_true(amount.kind == AMOUNT_NUMBER && amount.value == UINT64_C(1) << 30);
	assert_true(value_amount(span_of("infinity"), &amount) && amount.value == UNIT_FOREVER);
	assert_false(value_amount(span_of("lots"), &amount));
}

static const struct {
	const char *text;
	int signal;
} signals[] = {
	{ "TERM", SIGTERM }, { "SIGTERM", SIGTERM }, { "9", SIGKILL }, { "SIGRTMIN+3", 37 },
	{ "RTMIN", 34 }, { "RTMAX-1", 63 }, { "RTMAX", 64 }, { "SIGPOLL", SIGIO }, { "USR2", SIGUSR2 },
	{ "", 0 }, { "0", 0 }, { "65", 0 }, { "term", 0 }, { "SIG", 0 }, { "RTMIN+31", 0 },
	{ "RTMIN-1", 0 },
};

static void signals_have_names_and_numbers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
		int signal = 0;
		bool good = value_signal(span_of(signals[i].text), &signal);

		if (good != (signals[i].signal != 0) || signal != signals[i].signal)
			fail_msg("%s: %d %d", signals[i].text, good, signal);
	}
}

static void exit_statuses_have_names_and_numbers(void **state)
{
	int status = -1;

	(void)state;
	assert_true(value_exit_status(span_of("TEMPFAIL"), &status) && status == 75);
	assert_true(value_exit_status(span_of("255"), &status) && status == 255);
	assert_false(value_exit_status(span_of("256"), &status));
	assert_false(value_exit_status(span_of("SIGTERM"), &status));
}

static void modes_are_octal(void **state)
{
	uint32_t mode = 0;

	(void)state;
	assert_true(value_mode(span_of("0755"), &mode) && mode == 0755);
	assert_true(value_mode(span_of("27"), &mode) && mode == 027);
	assert_false(value_mode(span_of("0888"), &mode));
	assert_false(value_mode(span_of("10000"), &mode));
	assert_false(value_mode(span_of(""), &mode));
}

static void processors_are_lists_and_ranges(void **state)
{
	struct exec_cpus set;

	(void)state;
	assert_true(value_cpus(span_of("0-3,5 64"), &set));
	assert_true(set.bits[0] == 0x2f && set.bits[1] == 1);
	assert_false(value_cpus(span_of("3-1"), &set));
	assert_false(value_cpus(span_of("1024"), &set));
	assert_false(value_cpus(span_of("a"), &set));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(time_spans_are_microseconds),
		cmocka_unit_test(sizes_are_powers_of_1024),
		cmocka_unit_test(shares_are_hundredths_of_a_percent),
		cmocka_unit_test(signals_have_names_and_numbers),
		cmocka_unit_test(exit_statuses_have_names_and_numbers),
		cmocka_unit_test(modes_are_octal),
		cmocka_unit_test(processors_are_lists_and_ranges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
