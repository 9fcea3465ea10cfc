/* fleetfile, fleet, files: what a file for many machines says to one. */
#include "../../../init/boot/files.h"
#include "../../../init/boot/fleet.h"
#include "../../../init/boot/fleetfile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct fleetfile_machine till = {
	.macs = { "52-54-00-12-34-5a", "52-54-00-00-00-02" },
	.n_macs = 2,
	.serial = "CZC 12",
	.hostname = "till-7",
};

/* The file is for `till`: its settings, or NULL where no section is. */
struct row {
	const char *text, *conf;
};

static void the_sections_of_a_machine_are_found_by_what_it_is(void **state)
{
	static const struct row rows[] = {
		{ "", NULL },
		{ "# only this\n; and this\n\n", NULL },
		{ "[default]\na=1\n", "a=1\n" },
		{ "[default]\n", "" },
		{ "[52:54:00:12:34:5A]\na=1", "a=1\n" },
		{ "[ 52-54-00-12-34-5a ]\r\na=1\r\n", "a=1\n" },
		{ "[52:54:00:00:00:02]\na=1\n", "a=1\n" },
		{ "[52:54:00:00:00:03]\na=1\n", NULL },
		{ "[52:54:00:00:00:03 52:54:00:00:00:02]\na=1\n", "a=1\n" },
		{ "[52:54:00:12:34]\na=1\n", NULL },
		{ "[serial:CZC 12]\na=1\n", "a=1\n" },
		{ "[serial: CZC 12 ]\na=1\n", "a=1\n" },
		{ "[serial:CZC 123]\na=1\n", NULL },
		{ "[serial:CZC 1]\na=1\n", NULL },
		{ "[serial:]\na=1\n", NULL },
		{ "[till-7]\na=1\n", "a=1\n" },
		{ "[TILL-*]\na=1\n", "a=1\n" },
		{ "[till-[0-6]]\na=1\n", NULL },
		{ "[till-[5-9]]\na=1\n", "a=1\n" },
		{ "[till-?]\na=1\n", "a=1\n" },
		{ "[till-??]\na=1\n", NULL },
		{ "[kiosk-* till-*]\na=1\n", "a=1\n" },
		{ "[till-*]\na=1\n[default]\na=2\nb=3\n", "a=2\nb=3\na=1\n" },
		{ "[till-*]\na=1\n[serial:CZC 12]\na=2\n[till-7]\na=3\n", "a=1\na=2\na=3\n" },
		{ "[till-*]\n a = x y \nflag\n", "a = x y\nflag\n" },
		{ "\xef\xbb\xbf[till-*]\na=1\n", "a=1\n" },
		{ "[other]\na=1\n[default]\nb=1\n[other]\nc=1\n", "b=1\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct row *r = &rows[i];
		struct fleetfile f;
		struct err e = { 0 };
		int result = fleetfile_decode(span_of(r->text), &till, &f, &e);

		if (result != 0 || f.matched != (r->conf != NULL) ||
		    strcmp(f.conf, r->conf ? r->conf : "") != 0)
			fail_msg("%s: %d %s %s", r->text, f.matched, f.conf, e.text);
	}
}

static void a_machine_that_shows_nothing_is_only_one_of_all(void **state)
{
	static const struct fleetfile_machine nobody;
	struct fleetfile f;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(
		fleetfile_decode(span_of("[*]\na=1\n[serial:]\nb=1\n"), &nobody, &f, &e), 0);
	assert_false(f.matched);
	assert_int_equal(fleetfile_decode(span_of("[default]\na=1\n"), &nobody, &f, &e), 0);
	assert_true(f.matched);
}

static void a_line_that_cannot_be_read_is_named_whosever_it_is(void **state)
{
	static const struct row rows[] = {
		{ "a=1\n", "line 1: a stands before the first section" },
		{ "[x]\n[y\n", "line 2: a section is a name in brackets" },
		{ "[]\n", "line 1: a section is a name in brackets" },
		{ "[ ]\n", "line 1: a section is a name in brackets" },
		{ "[a] [b]\n", "line 1: a section is a name in brackets" },
		{ "[x]y]\n", "line 1: a section is a name in brackets" },
		{ "[x]\n\n=1\n", "line 3: neither a section, a key nor a comment" },
		{ "[x]\nslate.name till\n", "line 2: neither a section, a key nor a comment" },
		{ "[x]\na\001=1\n", "line 2 holds control characters" },
		{ "[x]\nfiles=a.zip\n",
		  "line 2: files=a.zip: neither a .tar.gz nor FILE:/WHERE/IT/GOES" },
		{ "[x]\nfiles=:/etc/x\n", "line 2: files=:/etc/x: no name, or one that is too long" },
		{ "[x]\nfiles=a:/\n", "line 2: files=a:/: no name for it, or one that is too long" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct fleetfile f;
		struct err e = { 0 };

		if (fleetfile_decode(span_of(rows[i].text), &till, &f, &e) != -1 ||
		    strcmp(e.text, rows[i].conf) != 0)
			fail_msg("%s: %s", rows[i].text, e.text);
	}
}

static void files_are_archives_or_go_where_they_are_told(void **state)
{
	static const struct {
		const char *text, *from, *to; /* NULL: refused */
	} rows[] = {
		{ "till.tar.gz", "till.tar.gz", "" },
		{ "medium:a/till.tgz", "medium:a/till.tgz", "" },
		{ "http://10.0.2.2:80/x.tar.gz", "http://10.0.2.2:80/x.tar.gz", "" },
		{ "motd:/etc/motd", "motd", "etc/motd" },
		{ "http://h/x:/etc/a:b", "http://h/x", "etc/a:b" },
		{ "http://h:80/x.tar.gz:/srv/x.tar.gz", "http://h:80/x.tar.gz", "srv/x.tar.gz" },
		{ "a:/etc//x/", "a", "etc/x" },
		{ "a:/etc/../x", NULL, NULL },
		{ "a:/./etc/x", "a", "etc/x" },
		{ "http://h/x", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char text[200];
		struct fleetfile f;
		struct err e = { 0 };

		snprintf(text, sizeof text, "[till-7]\nfiles=%s\n", rows[i].text);

		int result = fleetfile_decode(span_of(text), &till, &f, &e);

		if (result != (rows[i].from ? 0 : -1) ||
		    (result == 0 && (f.n_files != 1 || strcmp(f.files[0].from, rows[i].from) ||
		                     strcmp(f.files[0].to, rows[i].to) || f.files[0].line != 2)))
			fail_msg("%s: %s %s %s", rows[i].text, f.files[0].from, f.files[0].to,
			         e.text);
	}
}

static void files_add_up_until_a_line_says_none(void **state)
{
	static const char text[] = "[till-7]\nfiles=b.tgz  c.tgz\n[default]\nfiles=a.tgz\n[x]\nfiles=x.tgz\n";
	static const char none[] = "[default]\nfiles=a.tgz\n[till-7]\nfiles=\n";
	static const char bare[] = "[default]\nfiles=a.tgz\n[till-7]\nfiles\n";
	struct fleetfile f, again;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(fleetfile_decode(span_of(text), &till, &f, &e), 0);
	assert_int_equal(f.n_files, 3);
	assert_string_equal(f.files[0].from, "a.tgz");
	assert_string_equal(f.files[2].from, "c.tgz");
	assert_true(fleetfile_same(&f, &f));
	assert_int_equal(fleetfile_decode(span_of(none), &till, &again, &e), 0);
	assert_int_equal(again.n_files, 0);
	assert_false(fleetfile_same(&f, &again));
	assert_int_equal(fleetfile_decode(span_of(bare), &till, &again, &e), 0);
	assert_int_equal(again.n_files, 0);
}

static void too_much_for_one_machine_is_refused(void **state)
{
	static char text[FLEETFILE_CONF_MAX * 4] = "[till-7]\n";
	struct fleetfile f;
	struct err e = { 0 };

	(void)state;
	for (int i = 0; i < FLEETFILE_LINES_MAX; i++)
		strcat(text, "a=1\n");
	assert_int_equal(fleetfile_decode(span_of(text), &till, &f, &e), 0);
	assert_int_equal(f.n_lines, FLEETFILE_LINES_MAX);
	assert_int_equal(f.lines[FLEETFILE_LINES_MAX - 1], FLEETFILE_LINES_MAX + 1);
	strcat(text, "a=1\n");
	assert_int_equal(fleetfile_decode(span_of(text), &till, &f, &e), -1);
	strcpy(text, "[till-7]\na=");
	memset(text + strlen(text), 'x', FLEETFILE_CONF_MAX);
	assert_int_equal(fleetfile_decode(span_of(text), &till, &f, &e), -1);
	/* another's may be as long as they like */
	memcpy(text, "[till-8]", 8);
	assert_int_equal(fleetfile_decode(span_of(text), &till, &f, &e), 0);
}

static void a_file_of_the_fleet_is_looked_for_beside_its_file(void **state)
{
	static const struct {
		const char *fleet, *from, *place;
		int remote;
	} rows[] = {
		{ "http://h/a/fleet.ini", "x.tgz", "http://h/a/x.tgz", 1 },
		{ "http://h/a/fleet.ini", "b/x.tgz", "http://h/a/b/x.tgz", 1 },
		{ "http://h/a/fleet.ini", "https://o/x.tgz", "https://o/x.tgz", 1 },
		{ "http://h/a/fleet.ini", "medium:x.tgz", "x.tgz", 0 },
		{ "medium:fleet.ini", "x.tgz", "x.tgz", 0 },
		{ "medium:slate/fleet.ini", "x.tgz", "slate/x.tgz", 0 },
		{ "medium:slate/fleet.ini", "http://h/x.tgz", "http://h/x.tgz", 1 },
	};
	static struct boot b;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char place[FLEET_URL_MAX];
		struct err e = { 0 };

		snprintf(b.settings.fleet, sizeof b.settings.fleet, "%s", rows[i].fleet);
		assert_int_equal(fleet_place(&b, rows[i].from, place, &e), rows[i].remote);
		assert_string_equal(place, rows[i].place);
	}
}

static void a_host_name_is_one(void **state)
{
	(void)state;
	assert_true(files_hostname_is_good("till-7.example.org"));
	assert_false(files_hostname_is_good(""));
	assert_false(files_hostname_is_good("-x"));
	assert_false(files_hostname_is_good("a b"));
	assert_false(files_hostname_is_good("a/../b"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_sections_of_a_machine_are_found_by_what_it_is),
		cmocka_unit_test(a_machine_that_shows_nothing_is_only_one_of_all),
		cmocka_unit_test(a_line_that_cannot_be_read_is_named_whosever_it_is),
		cmocka_unit_test(files_are_archives_or_go_where_they_are_told),
		cmocka_unit_test(files_add_up_until_a_line_says_none),
		cmocka_unit_test(too_much_for_one_machine_is_refused),
		cmocka_unit_test(a_file_of_the_fleet_is_looked_for_beside_its_file),
		cmocka_unit_test(a_host_name_is_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
