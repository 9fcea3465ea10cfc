/* drivers, kernel, describe, names and the medium's size: what is decided from
 * text and bytes alone. */
#include "../../../image/describe.h"
#include "../../../image/drivers.h"
#include "../../../image/kernel.h"
#include "../../../image/memory.h"
#include "../../../image/medium.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static int note(void *ctx, const char *class, const char *word, bool required, struct err *e)
{
	char *said = ctx;

	(void)e;
	sprintf(said + strlen(said), "%s:%s%s;", class, word, required ? "!" : "");
	return 0;
}

static void a_row_of_drivers_is_a_class_and_words(void **state)
{
	char said[256] = "";
	struct err e = { 0 };

	(void)state;
	assert_int_equal(drivers_each(span_of("# a comment\n\nbase  loop! overlay # why\n"
	                                      "disk\tkernel/drivers/ata/\nempty\n"),
	                              note, said, &e), 0);
	assert_string_equal(said, "base:loop!;base:overlay;disk:kernel/drivers/ata/;");
}

static void a_word_that_names_nothing_is_refused_with_its_line(void **state)
{
	char said[256] = "";
	struct err e = { 0 };

	(void)state;
	assert_int_equal(drivers_each(span_of("base loop\nbase !\n"), note, said, &e), -1);
	assert_non_null(strstr(e.text, "line 2"));
}

/* The smallest x86 boot header that says a release. */
static void make_kernel(unsigned char *head, size_t size, unsigned version_at)
{
	memset(head, 0, size);
	memcpy(head + 0x202, "HdrS", 4);
	head[0x20e] = (unsigned char)version_at;
	head[0x20f] = (unsigned char)(version_at >> 8);
}

static void a_kernel_says_its_release(void **state)
{
	unsigned char head[2048];
	char release[64];

	(void)state;
	make_kernel(head, sizeof head, 0x300);
	strcpy((char *)head + 0x500, "6.1.0-50-amd64 (debian-kernel@lists.debian.org) #1");
	assert_int_equal(kernel_release_of(head, sizeof head, release, sizeof release), 1);
	assert_string_equal(release, "6.1.0-50-amd64");
}

static void a_kernel_says_what_memory_it_takes(void **state)
{
	unsigned char head[0x300];

	(void)state;
	make_kernel(head, sizeof head, 0x300);
	memcpy(head + 0x260, "\0\0\x38\3", 4);
	assert_int_equal(kernel_memory_of(head, sizeof head), 0x3380000);
	assert_int_equal(kernel_memory_of(head, 0x263), 0);
	head[0x202] = 0;
	assert_int_equal(kernel_memory_of(head, sizeof head), 0);
}

static const struct {
	uint64_t kernel, packed, unpacked; /* MiB */
	unsigned floor;
} floors[] = {
	{ 52, 5, 8, 92 }, /* 16 below the kernel and 16 more */
	{ 52, 6, 8, 92 },
	{ 52, 12, 20, 100 }, /* 20 to unpack, and 16 more */
	{ 0, 6, 8, 0 },
};

static void the_memory_that_a_start_needs_is_counted(void **state)
{
	const uint64_t mib = 1 << 20;

	(void)state;
	for (size_t i = 0; i < sizeof floors / sizeof *floors; i++)
		assert_int_equal(memory_floor_mib(floors[i].kernel * mib, floors[i].packed * mib,
		                                  floors[i].unpacked * mib),
		                 floors[i].floor);
	assert_int_equal(memory_with_images(92, 5 * mib), 100);
	assert_int_equal(memory_with_images(0, 5 * mib), 0);
}

static void a_release_outside_the_file_is_not_read(void **state)
{
	unsigned char head[1024];
	char release[64];

	(void)state;
	for (unsigned at = 0; at < 65536; at += 13) {
		make_kernel(head, sizeof head, at);
		memset(head + 0x220, 'x', sizeof head - 0x220); /* no end, no blank */
		assert_in_range(kernel_release_of(head, sizeof head, release, sizeof release), 0, 1);
	}
	for (size_t len = 0; len < 0x210; len++)
		assert_int_equal(kernel_release_of(head, len, release, sizeof release), 0);
}

static void each_kind_of_file_is_told_by_its_bytes(void **state)
{
	unsigned char head[4096];
	struct description d;

	(void)state;
	memset(head, 0, sizeof head);
	memcpy(head, "hsqs", 4);
	head[20] = 6;
	describe_head(head, sizeof head, &d);
	assert_string_equal(d.kind, "squashfs");
	assert_non_null(strstr(d.text, "zstd"));

	memset(head, 0, sizeof head);
	memcpy(head + 1024, "\xe2\xe1\xf5\xe0", 4);
	describe_head(head, sizeof head, &d);
	assert_string_equal(d.kind, "erofs");

	memset(head, 0, sizeof head);
	memcpy(head + 512, "EFI PART", 8);
	memcpy(head + 1024 + 56, "S\0L\0\x1b\0", 6);
	describe_head(head, sizeof head, &d);
	assert_string_equal(d.kind, "disk");
	assert_non_null(strstr(d.text, "partition SL? "));

	memset(head, 0, sizeof head);
	describe_head(head, sizeof head, &d);
	assert_string_equal(d.kind, "unknown");
}

static void a_cut_file_of_any_kind_is_unknown(void **state)
{
	unsigned char head[1152];
	struct description d;

	(void)state;
	memset(head, 0xff, sizeof head);
	memcpy(head, "hsqs", 4);
	for (size_t len = 0; len < 96; len++) {
		describe_head(head, len, &d);
		assert_string_equal(d.kind, "unknown");
	}
}

static void a_medium_has_room_for_an_update_beside_its_image(void **state)
{
	const uint64_t mib = 1 << 20;

	(void)state;
	for (uint64_t image = 0; image < 3000; image += 7) {
		uint64_t size = medium_size_mib(image * mib, 16 * mib);

		assert_true(size >= 2 * image + 16 + MEDIUM_START_MIB + MEDIUM_END_MIB);
		assert_int_equal(size % 32, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_of_drivers_is_a_class_and_words),
		cmocka_unit_test(a_word_that_names_nothing_is_refused_with_its_line),
		cmocka_unit_test(a_kernel_says_its_release),
		cmocka_unit_test(a_kernel_says_what_memory_it_takes),
		cmocka_unit_test(the_memory_that_a_start_needs_is_counted),
		cmocka_unit_test(a_release_outside_the_file_is_not_read),
		cmocka_unit_test(each_kind_of_file_is_told_by_its_bytes),
		cmocka_unit_test(a_cut_file_of_any_kind_is_unknown),
		cmocka_unit_test(a_medium_has_room_for_an_update_beside_its_image),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
