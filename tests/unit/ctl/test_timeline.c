/* What slate-boot wrote about the boot, as `slate analyze` reads it. */
#include "../../../init/ctl/timeline.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char good[] =
	"{\"version\":\"0.1\",\"kernel_us\":612000,\"medium\":{\"device\":\"/dev/vda\"},"
	"\"stages\":[{\"name\":\"devices\",\"start_us\":1000,\"end_us\":5000,\"result\":\"ok\",\"error\":null},"
	"{\"name\":\"restore\",\"start_us\":5000,\"end_us\":9000,\"result\":\"failed\",\"error\":\"slot-1\"}],"
	"\"after\":[{\"name\":\"no stage\",\"start_us\":1,\"end_us\":2}]}";

static void the_stages_of_a_boot_are_read(void **state)
{
	static struct timeline t;

	(void)state;
	timeline_stages(&t, span_of(good));
	assert_int_equal(t.kernel_us, 612000);
	assert_int_equal(t.n, 2);
	assert_string_equal(t.bars[0].name, "devices");
	assert_int_equal(t.bars[0].end_us, 5000);
	assert_false(t.bars[0].failed);
	assert_true(t.bars[1].failed);
}

static void a_text_cut_anywhere_is_read_as_far_as_it_goes(void **state)
{
	static struct timeline t;

	(void)state;
	for (size_t len = 0; len < sizeof good; len++) {
		char *cut = malloc(len + 1);

		memcpy(cut, good, len);
		t = (struct timeline){ .n = 0 };
		timeline_stages(&t, (struct span){ cut, len });
		assert_true(t.n <= 2);
		free(cut);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_stages_of_a_boot_are_read),
		cmocka_unit_test(a_text_cut_anywhere_is_read_as_far_as_it_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
