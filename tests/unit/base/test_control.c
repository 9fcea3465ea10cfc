/* Requests of the control socket: what is one, and what is refused. */
#include "../../../init/base/control.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PACKET(text) text, sizeof text /* with the last NUL */

static const struct {
	const char *row, *packet;
	size_t len;
	enum control_verb verb; /* CONTROL_NONE: refused */
	unsigned n;
} rows[] = {
	{ "a verb alone", PACKET("list"), CONTROL_LIST, 0 },
	{ "with units", PACKET("start\0a\0b.service"), CONTROL_START, 2 },
	{ "an option first", PACKET("start\0--no-wait\0a"), CONTROL_START, 1 },
	{ "an option's name as a unit", PACKET("start\0a\0--no-wait"), CONTROL_START, 2 },
	{ "nothing", "", 0, CONTROL_NONE, 0 },
	{ "an empty verb", PACKET(""), CONTROL_NONE, 0 },
	{ "no NUL at the end", "list", 4, CONTROL_NONE, 0 },
	{ "an unknown verb", PACKET("explode"), CONTROL_NONE, 0 },
	{ "no unit", PACKET("start"), CONTROL_NONE, 0 },
	{ "only an option", PACKET("start\0--no-wait"), CONTROL_NONE, 0 },
	{ "too much", PACKET("daemon-reload\0now"), CONTROL_NONE, 0 },
	{ "kill without a unit", PACKET("kill\0009\0all"), CONTROL_NONE, 0 },
	{ "empty units count", PACKET("stop\0\0"), CONTROL_STOP, 2 },
};

static void requests_are_decoded_or_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct control_request r;
		struct err e = { 0 };
		int result = control_decode(rows[i].packet, rows[i].len, &r, &e);

		if ((result == 0) != (rows[i].verb != CONTROL_NONE) ||
		    (result == 0 && (r.verb != rows[i].verb || r.n != rows[i].n)))
			fail_msg("%s: %d, verb %d with %u", rows[i].row, result, (int)r.verb, r.n);
		assert_true(result == 0 || e.text[0]);
	}
}

static void every_verb_has_a_name_that_is_decoded(void **state)
{
	(void)state;
	for (int v = CONTROL_NONE + 1; v < CONTROL_VERBS; v++) {
		char packet[64];
		struct control_request r;
		struct err e;
		const char *name = control_verb_name((enum control_verb)v);
		size_t len = strlen(name) + 1;

		memcpy(packet, name, len);
		/* as many arguments as any verb needs: refused or not, the verb was found */
		memcpy(packet + len, "1\0all\0x", 8);
		control_decode(packet, len + 8, &r, &e);
		assert_int_equal(r.verb, v);
	}
	assert_null(control_verb_name(CONTROL_NONE));
	assert_null(control_verb_name(CONTROL_VERBS));
}

static void too_many_words_are_refused(void **state)
{
	char packet[CONTROL_REQUEST_MAX] = "start";
	struct control_request r;
	struct err e;

	(void)state;
	for (size_t i = 6; i < sizeof packet; i += 2)
		packet[i] = 'a';
	packet[sizeof packet - 1] = '\0';
	assert_int_equal(control_decode(packet, sizeof packet, &r, &e), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_are_decoded_or_refused),
		cmocka_unit_test(every_verb_has_a_name_that_is_decoded),
		cmocka_unit_test(too_many_words_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
