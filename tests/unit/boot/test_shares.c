/* sharedroot, nbd: roots that a server shares. */
#include "../../../init/boot/nbd.h"
#include "../../../init/boot/nbdlink.h"
#include "../../../init/boot/sharedroot.h"

#include <setjmp.h>
#include <linux/genetlink.h>
#include <linux/nbd-netlink.h>
#include <linux/netlink.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void a_share_has_a_host_and_a_name(void **state)
{
	static const struct {
		enum root_kind kind;
		const char *text, *host, *port, *name; /* host NULL: refused */
	} rows[] = {
		{ ROOT_NFS, "10.0.0.1:/srv/a", "10.0.0.1", "", "/srv/a" },
		{ ROOT_NFS, "server:/a:b", "server", "", "/a:b" },
		{ ROOT_NFS, "server:srv", NULL, NULL, NULL },
		{ ROOT_NFS, ":/srv", NULL, NULL, NULL },
		{ ROOT_NFS, "server", NULL, NULL, NULL },
		{ ROOT_NBD, "server:slate", "server", "", "slate" },
		{ ROOT_NBD, "server:99:slate", "server", "99", "slate" },
		{ ROOT_NBD, "server:", NULL, NULL, NULL },
		{ ROOT_NBD, "server:1234567890:slate", NULL, NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct share share;
		struct err e = { 0 };
		int result = sharedroot_parse(rows[i].kind, rows[i].text, &share, &e);

		if (!rows[i].host) {
			assert_int_equal(result, -1);
			assert_non_null(strstr(e.text, rows[i].text));
			continue;
		}
		assert_int_equal(result, 0);
		assert_string_equal(share.host, rows[i].host);
		assert_string_equal(share.port, rows[i].port);
		assert_string_equal(share.name, rows[i].name);
	}
}

static void only_a_server_that_is_one_is_asked(void **state)
{
	static const struct {
		const char *greeting; /* and what it is refused with; NULL: it is not */
		const char *why;
	} rows[] = {
		{ "NBDMAGICIHAVEOPT\0\3", NULL },
		{ "NBDMAGICIHAVEOPT\0\1", NULL },
		{ "NBDMAGICIHAVEOPT\0\2", "old kind" },
		{ "NBDMAGIC\0\0\x42\2\x81\x86\x12\x53\0\3", "no NBD server" },
		{ "HTTP/1.1 400 Bad R", "no NBD server" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct err e = { 0 };
		int result = nbd_greeting((const uint8_t *)rows[i].greeting, &e);

		assert_int_equal(result, rows[i].why ? -1 : 0);
		if (rows[i].why)
			assert_non_null(strstr(e.text, rows[i].why));
	}
}

static void an_export_has_a_size(void **state)
{
	const uint8_t good[NBD_EXPORT] = { 0, 0, 0, 1, 0, 0, 2, 0, 0x01, 0x0f };
	const uint8_t empty[NBD_EXPORT] = { 0 }, endless[NBD_EXPORT] = { 0xff, 0xff, 0xff, 0xff };
	struct nbd_export x;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(nbd_export(good, &x, &e), 0);
	assert_int_equal(x.size, 0x100000200);
	assert_int_equal(x.flags, 0x10f);
	assert_int_equal(nbd_export(empty, &x, &e), -1);
	assert_int_equal(nbd_export(endless, &x, &e), -1);
}

/* As the kernel lays it out; the numbers are this machine's. */
struct event {
	struct nlmsghdr head;
	struct genlmsghdr what;
	struct nlattr attribute;
	uint32_t index;
};

static void only_the_end_of_the_own_connection_is_one(void **state)
{
	static const struct {
		uint8_t command;
		uint16_t type, attribute_len;
		uint32_t index;
		size_t len;
		bool dead;
	} rows[] = {
		{ NBD_CMD_LINK_DEAD, NBD_ATTR_INDEX, 8, 0, sizeof(struct event), true },
		{ NBD_CMD_LINK_DEAD, NBD_ATTR_INDEX, 8, 1, sizeof(struct event), false },
		{ NBD_CMD_STATUS, NBD_ATTR_INDEX, 8, 0, sizeof(struct event), false },
		/* one that does not say which is taken for ours: to look does no harm */
		{ NBD_CMD_LINK_DEAD, NBD_ATTR_TIMEOUT, 8, 1, sizeof(struct event), true },
		{ NBD_CMD_LINK_DEAD, NBD_ATTR_INDEX, 4, 1, sizeof(struct event), true },
		{ NBD_CMD_LINK_DEAD, NBD_ATTR_INDEX, 0, 1, sizeof(struct event), true },
		{ NBD_CMD_LINK_DEAD, NBD_ATTR_INDEX, 999, 1, sizeof(struct event), true },
		{ NBD_CMD_LINK_DEAD, 0, 0, 0, NLMSG_LENGTH(GENL_HDRLEN), true },
		{ NBD_CMD_LINK_DEAD, 0, 0, 0, NLMSG_LENGTH(GENL_HDRLEN) - 1, false },
		{ NBD_CMD_LINK_DEAD, 0, 0, 0, 0, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct event event = { .what = { .cmd = rows[i].command },
			                     .attribute = { rows[i].attribute_len, rows[i].type },
			                     .index = rows[i].index };

		print_message("  row %zu\n", i);
		assert_int_equal(nbdlink_is_dead(&event, rows[i].len), rows[i].dead);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_share_has_a_host_and_a_name),
		cmocka_unit_test(only_a_server_that_is_one_is_asked),
		cmocka_unit_test(an_export_has_a_size),
		cmocka_unit_test(only_the_end_of_the_own_connection_is_one),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
