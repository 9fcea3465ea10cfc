/* acl: ACLs as text and as the kernel has them. */
#include "../../../overlay/tar/acl.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void acls_come_back_as_they_were(void **state)
{
	static const char text[] = "user::rw-,user:1000:r--,user:4000000000:rwx,group::r-x,"
				   "group:7:---,mask::rwx,other::---";
	uint8_t bytes[ACL_BYTES_MAX];
	char again[ACL_TEXT_MAX];
	struct err e = { 0 };
	int len;

	(void)state;
	len = acl_from_text(span_of(text), bytes, &e);
	assert_int_equal(len, 4 + 7 * 8);
	assert_int_equal(acl_to_text(bytes, (size_t)len, again, &e), strlen(text));
	assert_string_equal(again, text);
}

static void foreign_acls_are_put_in_order_or_refused(void **state)
{
	static const struct {
		const char *text, *canonical;
	} cases[] = {
		{ "other::r--\nuser::rw-\ngroup::r--\n", "user::rw-,group::r--,other::r--" },
		{ "user::rw-,group::r--,other::r--,user:bin:r--:2,mask::r--",
		  "user::rw-,user:2:r--,group::r--,mask::r--,other::r--" },
		{ "user::rw-,group::r--,other::r--,user:bin:r--", NULL },
		{ "user::rw-,group::r--", NULL },
		{ "user::rwz,group::r--,other::r--", NULL },
		{ "owner::rw-,group::r--,other::r--", NULL },
		{ "mask:1:rw-,user::rw-,group::r--,other::r--", NULL },
		{ "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint8_t bytes[ACL_BYTES_MAX];
		char text[ACL_TEXT_MAX];
		struct err e = { 0 };
		int len = acl_from_text(span_of(cases[i].text), bytes, &e);

		assert_int_equal(len < 0, !cases[i].canonical);
		if (len < 0)
			continue;
		assert_true(acl_to_text(bytes, (size_t)len, text, &e) >= 0);
		assert_string_equal(text, cases[i].canonical);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(acls_come_back_as_they_were),
		cmocka_unit_test(foreign_acls_are_put_in_order_or_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
