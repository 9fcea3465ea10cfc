/* ipspec, lease, card: what ip= means, what of a DHCP server's answer is used, and
 * which card BOOTIF= names. */
#include "../../../init/boot/card.h"
#include "../../../init/boot/fetch.h"
#include "../../../init/boot/ipspec.h"
#include "../../../init/boot/lease.h"
#include "../../../init/boot/machine.h"
#include "../../../init/boot/place.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static uint32_t ip(const char *text)
{
	uint32_t address = 0;

	if (text)
		assert_true(ip_parse(span_of(text), &address));
	return address;
}

static void every_form_of_ip_is_read(void **state)
{
	static const struct {
		const char *text;
		enum ip_method method;
		const char *address, *netmask, *gateway, *device, *hostname, *dns;
	} rows[] = {
		{ "", IP_UNSET, NULL, NULL, NULL, "", "", NULL },
		{ "dhcp", IP_DHCP, NULL, NULL, NULL, "", "", NULL },
		{ "on", IP_DHCP, NULL, NULL, NULL, "", "", NULL },
		{ "any", IP_DHCP, NULL, NULL, NULL, "", "", NULL },
		{ "none", IP_NONE, NULL, NULL, NULL, "", "", NULL },
		{ "off", IP_NONE, NULL, NULL, NULL, "", "", NULL },
		{ "eth1:dhcp", IP_DHCP, NULL, NULL, NULL, "eth1", "", NULL },
		{ ":::::eth0:dhcp", IP_DHCP, NULL, NULL, NULL, "eth0", "", NULL },
		{ "::::box", IP_DHCP, NULL, NULL, NULL, "", "box", NULL },
		{ "10.1.2.3", IP_STATIC, NULL, NULL, NULL, NULL, NULL, NULL },
		{ "10.1.2.3:", IP_STATIC, "10.1.2.3", "255.0.0.0", NULL, "", "", NULL },
		{ "192.168.7.2::192.168.7.1:255.255.255.0:box:eth0:none", IP_STATIC, "192.168.7.2",
		  "255.255.255.0", "192.168.7.1", "eth0", "box", NULL },
		{ "192.168.7.2::192.168.7.1:255.255.255.0::eth0:off:9.9.9.9:1.1.1.1:10.0.0.1",
		  IP_STATIC, "192.168.7.2", "255.255.255.0", "192.168.7.1", "eth0", "", "9.9.9.9" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct ipspec s;
		struct err e = { 0 };
		int result = ipspec_parse(span_of(rows[i].text), &s, &e);

		/* an address alone is not the kernel's syntax */
		if (!rows[i].device) {
			assert_int_equal(result, -1);
			continue;
		}
		if (result != 0 || s.method != rows[i].method || s.address != ip(rows[i].address) ||
		    s.netmask != ip(rows[i].netmask) || s.gateway != ip(rows[i].gateway) ||
		    strcmp(s.device, rows[i].device) != 0 ||
		    strcmp(s.hostname, rows[i].hostname) != 0 || s.dns[0] != ip(rows[i].dns))
			fail_msg("ip=%s: method %d, device %s, %s", rows[i].text, s.method,
			         s.device, e.text);
	}
}

static void what_is_no_address_is_refused_by_its_field(void **state)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{ "dhcpp", "not one of" },
		{ "10.0.0.256:::::eth0", "client address" },
		{ "10.0.0.1:::255.0.255.0::eth0", "netmask has holes" },
		{ "::::::fish", "method" },
		{ ":::::../eth0:dhcp", "device" },
		{ ":::::a-name-that-is-too-long:dhcp", "device" },
		{ "eth0:none", "device to use" },
		{ "1.1.1.1:::::::::::", "more than 10 fields" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct ipspec s;
		struct err e = { 0 };

		if (ipspec_parse(span_of(rows[i].text), &s, &e) != -1 ||
		    !strstr(e.text, rows[i].why))
			fail_msg("ip=%s: %s", rows[i].text, e.text);
	}
}

static void of_a_lease_what_is_good_is_taken(void **state)
{
	struct lease l;
	struct err e = { 0 };
	char text[1024];

	(void)state;
	assert_int_equal(lease_decode(span_of("ip=10.0.2.15\nsubnet=255.255.255.0\n"
	                                      "router=x 10.0.2.2 10.0.2.9\n"
	                                      "dns=999.1.1.1 10.0.2.3 0.0.0.0 10.0.2.4\n"
	                                      "domain=rack.example\nhostname=a b;reboot\n"
	                                      "lease=86400\nsiaddr=10.0.2.2\n"),
	                              &l, &e),
	                 0);
	assert_int_equal(l.address, ip("10.0.2.15"));
	assert_int_equal(l.gateway, ip("10.0.2.2"));
	assert_int_equal(l.dns[0], ip("10.0.2.3"));
	assert_int_equal(l.dns[1], ip("10.0.2.4"));
	assert_int_equal(l.dns[2], 0);
	assert_int_equal(l.seconds, 86400);
	assert_string_equal(l.hostname, "");
	lease_resolv_conf(&l, text, sizeof text);
	assert_string_equal(text, LEASE_RESOLV_MARK "search rack.example\nnameserver 10.0.2.3\n"
	                                            "nameserver 10.0.2.4\n");
	strcpy(l.device, "eth0");
	lease_write(&l, text, sizeof text);
	assert_non_null(strstr(text, "DEVICE=eth0\nMETHOD=dhcp\nADDRESS=10.0.2.15\n"));
}

static void a_lease_without_a_usable_address_is_refused(void **state)
{
	static const char *const rows[] = {
		"",
		"ip=\n",
		"ip=0.0.0.0\n",
		"ip=127.0.0.1\n",
		"ip=224.0.0.1\n",
		"ip=10.0.0.1\nsubnet=255.0.255.0\n",
		"subnet=255.255.255.0\n",
		"ip=10.0.2.15x\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct lease l;
		struct err e = { 0 };

		if (lease_decode(span_of(rows[i]), &l, &e) != -1 || !e.text[0])
			fail_msg("%s", rows[i]);
	}
}

static void without_a_netmask_that_of_the_class_is_taken(void **state)
{
	struct lease l;
	struct err e;

	(void)state;
	assert_int_equal(lease_decode(span_of("ip=192.168.1.9\n"), &l, &e), 0);
	assert_int_equal(l.netmask, ip("255.255.255.0"));
	assert_int_equal(ip_class_mask(ip("172.16.0.1")), ip("255.255.0.0"));
	assert_int_equal(ip_mask(0), 0);
	assert_int_equal(ip_mask(32), UINT32_MAX);
}

static void bootif_is_compared_in_any_spelling(void **state)
{
	const struct card c = { .name = "eth0", .mac = "52-54-00-12-34-5a" };

	(void)state;
	assert_true(card_is_bootif(&c, "01-52-54-00-12-34-5A"));
	assert_true(card_is_bootif(&c, "01-52-54-00-12-34-5a"));
	assert_true(card_is_bootif(&c, "52:54:00:12:34:5a"));
	assert_false(card_is_bootif(&c, "01-52-54-00-12-34-5b"));
	assert_false(card_is_bootif(&c, "52-54-00-12-34"));
	assert_false(card_is_bootif(&c, ""));
}

static void a_file_beside_another_is_named_by_its_url(void **state)
{
	char url[64];
	struct err e;
	struct span name = fetch_name("http://a/b/root.squashfs?x=/y");

	(void)state;
	assert_true(span_is(name, "root.squashfs"));
	assert_int_equal(fetch_name("http://a/b/").len, 0);
	assert_int_equal(fetch_beside("http://a/b/root.squashfs?x", "m", url, sizeof url, &e), 0);
	assert_string_equal(url, "http://a/b/m");
	assert_int_equal(fetch_beside("http://a/b/root.squashfs", "m", url, 10, &e), -1);
}

static void a_url_is_filled_in_and_keeps_its_own_bytes(void **state)
{
	const struct machine m = { .mac = "52-54-00-12-34-5a", .serial = "S/N 7", .hostname = "box" };
	char url[80];
	struct err e = { 0 };

	(void)state;
	assert_int_equal(machine_fill_url(&m, "apkovl=", "http://a:80/{HOSTNAME}/{MAC}?s={SERIAL}", url,
	                                  sizeof url, &e),
	                 0);
	assert_string_equal(url, "http://a:80/box/52-54-00-12-34-5a?s=S-N-7");
	assert_int_equal(machine_fill_url(&m, "apkovl=", "http://a/{UUID}", url, sizeof url, &e), -1);
	assert_string_equal(e.text, "apkovl=: this machine shows no {UUID}");
	assert_int_equal(machine_fill_url(&m, "apkovl=", "http://a/{NAME}", url, sizeof url, &e), -1);
}

static void an_archive_on_another_device_is_read_in_each_form(void **state)
{
	static const struct {
		const char *text, *device, *fstype, *path;
	} rows[] = {
		{ "sda1:box.apkovl.tar.gz", "/dev/sda1", "", "box.apkovl.tar.gz" },
		{ "/dev/sda1:vfat:/a/b.tar.gz", "/dev/sda1", "vfat", "a/b.tar.gz" },
		{ "LABEL=DATA:b.tar.gz", "LABEL=DATA", "", "b.tar.gz" },
		{ "UUID=12AB-34CD:ext4:b", "UUID=12AB-34CD", "ext4", "b" },
		{ "sda1:", NULL, NULL, NULL },
		{ ":b", NULL, NULL, NULL },
		{ "../x:b", NULL, NULL, NULL },
		{ "LABEL=:b", NULL, NULL, NULL },
		{ "sda1:a-type-that-no-kernel-has:b", NULL, NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct place p;
		struct err e = { 0 };
		int result = place_parse_archive(rows[i].text, &p, &e);

		if (result != (rows[i].device ? 0 : -1) || (result < 0 && !e.text[0]) ||
		    (result == 0 && (strcmp(p.device, rows[i].device) || strcmp(p.path, rows[i].path) ||
		                     strcmp(p.fstype, rows[i].fstype))))
			fail_msg("%s: %s %s %s, %s", rows[i].text, p.device, p.fstype, p.path, e.text);
	}
	assert_true(place_is_archive("sda1:x"));
	assert_true(place_is_archive("/dev/sda1:x"));
	assert_false(place_is_archive("/a:b"));
	assert_false(place_is_archive("http://a/b"));
	assert_false(place_is_archive("x.apkovl.tar.gz"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form_of_ip_is_read),
		cmocka_unit_test(what_is_no_address_is_refused_by_its_field),
		cmocka_unit_test(of_a_lease_what_is_good_is_taken),
		cmocka_unit_test(a_lease_without_a_usable_address_is_refused),
		cmocka_unit_test(without_a_netmask_that_of_the_class_is_taken),
		cmocka_unit_test(bootif_is_compared_in_any_spelling),
		cmocka_unit_test(a_url_is_filled_in_and_keeps_its_own_bytes),
		cmocka_unit_test(an_archive_on_another_device_is_read_in_each_form),
		cmocka_unit_test(a_file_beside_another_is_named_by_its_url),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
