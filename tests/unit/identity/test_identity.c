/* identity: state file, random seed, host key, and what a root is given. */
#include "../../../overlay/identity/hostkey.h"
#include "../../../overlay/identity/identity.h"
#include "../../../overlay/identity/seed.h"
#include "../../../overlay/identity/statestore.h"

#include <setjmp.h>
#include <stdarg.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../../init/base/fd.h"

struct place {
	char path[40];
	int fd;
};

static void place_make(struct place *p)
{
	strcpy(p->path, "/tmp/slate-identity-XXXXXX");
	assert_non_null(mkdtemp(p->path));
	p->fd = open(p->path, O_RDONLY | O_DIRECTORY);
	assert_true(p->fd >= 0);
}

static void place_drop(struct place *p)
{
	char command[64];

	close(p->fd);
	snprintf(command, sizeof command, "rm -rf %s", p->path);
	assert_int_equal(system(command), 0);
}

static void put(const struct place *p, const char *path, const char *text, mode_t mode)
{
	char above[100];
	struct err e;
	const char *slash = strrchr(path, '/');

	if (slash) {
		snprintf(above, sizeof above, "%.*s", (int)(slash - path), path);
		assert_int_equal(fd_mkdirs(p->fd, above, 0755, &e), 0);
	}
	assert_int_equal(fd_write_file(p->fd, path, text, strlen(text), &e), 0);
	assert_int_equal(fchmodat(p->fd, path, mode, 0), 0);
}

static void get(const struct place *p, const char *path, char text[1024])
{
	struct err e;

	assert_true(fd_read_file(p->fd, path, text, 1024, &e) >= 0);
}

/* --- statefile --- */

static struct statefile sample(void)
{
	struct statefile s = { .sequence = 7,
		               .time = 1795000000,
		               .has_seed = true,
		               .seed_good = true,
		               .restarts = 3 };

	memset(s.seed, 0xa5, sizeof s.seed);
	assert_int_equal(statefile_raise(&s, "kiosk", 41), 1);
	assert_int_equal(statefile_raise(&s, "kiosk.modules", 3), 1);
	return s;
}

static void a_block_says_what_was_written_and_every_changed_byte_is_found(void **state)
{
	struct statefile s = sample(), back;
	char block[STATEFILE_BLOCK];
	struct err e = { 0 };
	size_t len;

	(void)state;
	assert_int_equal(statefile_encode(&s, block, &e), 0);
	assert_int_equal(statefile_decode((struct span){ block, sizeof block }, &back, &e), 0);
	assert_memory_equal(&s, &back, sizeof s);
	len = strlen(block);
	for (size_t i = 0; i < len; i++) {
		block[i] ^= 1;
		assert_int_equal(statefile_decode((struct span){ block, sizeof block }, &back, &e), -1);
		assert_int_equal(back.sequence, 0);
		block[i] ^= 1;
	}
	for (size_t i = 0; i < len - 1; i++)
		assert_int_equal(statefile_decode((struct span){ block, i }, &back, &e), -1);
}

static void sixteen_long_names_fit_and_no_more(void **state)
{
	struct statefile s = sample(), back;
	char block[STATEFILE_BLOCK], name[65];
	struct err e = { 0 };

	(void)state;
	memset(name, 'x', 64);
	name[64] = '\0';
	for (int i = 2; i < STATEFILE_IMAGES_MAX; i++) {
		name[0] = (char)('a' + i);
		assert_int_equal(statefile_raise(&s, name, INT64_MAX), 1);
	}
	assert_int_equal(statefile_raise(&s, "another", 1), -1);
	assert_int_equal(statefile_encode(&s, block, &e), 0);
	assert_int_equal(statefile_decode((struct span){ block, sizeof block }, &back, &e), 0);
	assert_int_equal(statefile_version(&back, name), INT64_MAX);
	s.restarts = STATEFILE_RESTARTS_MAX;
	assert_int_equal(statefile_encode(&s, block, &e), 0);
	s.restarts++;
	assert_int_equal(statefile_encode(&s, block, &e), -1);
	s.restarts = 0;
	strcpy(s.images[0].name, "no/name");
	assert_int_equal(statefile_encode(&s, block, &e), -1);
}

static void a_version_is_only_raised(void **state)
{
	struct statefile s = sample();

	(void)state;
	assert_int_equal(statefile_version(&s, "kiosk"), 41);
	assert_int_equal(statefile_version(&s, "other"), 0);
	assert_int_equal(statefile_raise(&s, "kiosk", 40), 0);
	assert_int_equal(statefile_raise(&s, "kiosk", 41), 0);
	assert_int_equal(statefile_raise(&s, "kiosk", 42), 1);
	assert_int_equal(statefile_version(&s, "kiosk"), 42);
}

static void blocks_are_written_in_turn_and_a_torn_one_gives_way(void **state)
{
	struct place p;
	struct statefile s = { .time = 1 }, back;
	struct err e = { 0 };
	struct stat st;

	(void)state;
	place_make(&p);
	assert_int_equal(mkdirat(p.fd, "slate", 0755), 0);
	assert_int_equal(statestore_read(p.fd, &back, &e), 0);
	for (int i = 1; i <= 5; i++) {
		s.time = i;
		assert_int_equal(statestore_write(p.fd, &s, &e), 0);
		assert_int_equal(statestore_read(p.fd, &back, &e), 1);
		assert_int_equal(back.time, i);
		assert_int_equal(back.sequence, (uint64_t)i);
	}
	assert_int_equal(fstatat(p.fd, STATEFILE_PATH, &st, 0), 0);
	assert_int_equal(st.st_size, 2 * STATEFILE_BLOCK);

	/* the fifth was written over the third; a cut in it leaves the fourth */
	int fd = openat(p.fd, STATEFILE_PATH, O_RDWR);

	assert_int_equal(pwrite(fd, "torn", 4, 100 + (back.sequence % 2 ? 0 : STATEFILE_BLOCK)), 4);
	assert_int_equal(statestore_read(p.fd, &back, &e), 1);
	assert_int_equal(back.time, 4);
	assert_int_equal(pwrite(fd, "torn", 4, 100 + STATEFILE_BLOCK), 4);
	assert_int_equal(statestore_read(p.fd, &back, &e), -1);
	assert_non_null(strstr(e.text, "no part of it is whole"));
	/* and is begun anew */
	assert_int_equal(statestore_write(p.fd, &s, &e), 0);
	assert_int_equal(statestore_read(p.fd, &back, &e), 1);
	close(fd);
	place_drop(&p);
}

/* --- seed --- */

static void a_seed_is_made_of_all_that_there_is(void **state)
{
	const uint8_t fresh[STATEFILE_SEED] = { 1 }, other[STATEFILE_SEED] = { 2 };
	struct statefile none = { 0 }, a = sample(), b = sample(), c = sample(), d = sample();

	(void)state;
	seed_next(&a, fresh, true, 100, 5);
	seed_next(&b, other, true, 100, 5);
	seed_next(&c, fresh, true, 101, 5);
	d.seed[0] ^= 1;
	seed_next(&d, fresh, true, 100, 5);
	seed_next(&none, fresh, false, 100, 5);
	assert_memory_not_equal(a.seed, b.seed, sizeof a.seed);
	assert_memory_not_equal(a.seed, c.seed, sizeof a.seed);
	assert_memory_not_equal(a.seed, d.seed, sizeof a.seed);
	assert_memory_not_equal(a.seed, fresh, sizeof a.seed);
	/* a generator that was not ready makes no good seed of nothing */
	assert_true(none.has_seed && !none.seed_good);
	assert_true(a.seed_good);
	seed_next(&b, fresh, false, 100, 5);
	assert_true(b.seed_good);
}

/* --- hostkey --- */

static void a_host_key_is_in_the_files_of_both_servers(void **state)
{
	/* the public key that RFC 8032's reference code gives for these bytes */
	static const char public[] = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx"
				     "3chmQSVTG4 host key\n";
	uint8_t seed[HOSTKEY_SEED];
	struct hostkey key, again;

	(void)state;
	for (size_t i = 0; i < sizeof seed; i++)
		seed[i] = (uint8_t)i;
	memset(&key, 0, sizeof key);
	memset(&again, 0, sizeof again);
	hostkey_make(seed, "host key", &key);
	hostkey_make(seed, "host key", &again);
	assert_string_equal(key.public, public);
	assert_memory_equal(&key, &again, sizeof key);
	assert_int_equal(key.dropbear_len, 4 + 11 + 4 + 64);
	assert_memory_equal(key.dropbear, "\0\0\0\013ssh-ed25519\0\0\0\100", 19);
	assert_memory_equal(key.dropbear + 19, seed, sizeof seed);
	assert_memory_equal(key.openssh, "-----BEGIN OPENSSH PRIVATE KEY-----\n", 36);
	assert_non_null(strstr(key.openssh, "\n-----END OPENSSH PRIVATE KEY-----\n"));
}

/* --- identity --- */

static void the_uuids_that_vendors_leave_in_are_nobodys(void **state)
{
	(void)state;
	assert_true(identity_uuid_is_real("4c4c4544-0051-3510-8052-b9c04f4e3732"));
	assert_false(identity_uuid_is_real("03000200-0400-0500-0006-000700080009"));
	assert_false(identity_uuid_is_real("FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF"));
	assert_false(identity_uuid_is_real("00000000-0000-0000-0000-000000000000"));
	assert_false(identity_uuid_is_real("Not Settable"));
	assert_false(identity_uuid_is_real(""));
}

static void make_servers(const struct place *p)
{
	put(p, "etc/ssh/sshd_config", "", 0644);
	put(p, "usr/sbin/sshd", "", 0755);
	put(p, "etc/dropbear/README", "", 0644);
	put(p, "var/lib/dhcpcd/README", "", 0644);
}

static void a_root_is_given_what_it_lacks_once(void **state)
{
	const struct identity_maker m = { .derive = false };
	char made[IDENTITY_MADE], id[1024], again[1024], name[1024], duid[1024], placed[1024];
	struct err e = { 0 };
	struct place p;
	struct stat st;

	(void)state;
	place_make(&p);
	make_servers(&p);
	assert_int_equal(identity_ensure(p.fd, &m, made, &e), 4);
	assert_string_equal(made, "machine-id, hostname, DHCP identity, SSH host key");
	get(&p, "etc/machine-id", id);
	get(&p, "etc/hostname", name);
	get(&p, "etc/slate/duid", duid);
	get(&p, "var/lib/dhcpcd/duid", placed);
	assert_int_equal(strlen(id), 33);
	assert_int_equal(id[12], '4');
	assert_memory_equal(name, "slate-", 6);
	assert_memory_equal(duid, "00:04:", 6);
	assert_int_equal(strlen(duid), 6 + 47 + 1);
	assert_string_equal(duid, placed);
	assert_int_equal(fstatat(p.fd, "etc/ssh/ssh_host_ed25519_key", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(fstatat(p.fd, "etc/dropbear/dropbear_ed25519_host_key", &st, 0), 0);
	assert_int_equal(identity_ensure(p.fd, &m, made, &e), 0);
	get(&p, "etc/machine-id", again);
	assert_string_equal(id, again);
	place_drop(&p);
}

static void what_somebody_chose_stays(void **state)
{
	const struct identity_maker m = { .derive = false };
	char made[IDENTITY_MADE], text[1024];
	struct err e = { 0 };
	struct place p;

	(void)state;
	place_make(&p);
	make_servers(&p);
	put(&p, "etc/hostname", "kiosk-17\n", 0644);
	put(&p, "etc/machine-id", "uninitialized\n", 0444);
	put(&p, "etc/ssh/ssh_host_rsa_key", "somebody's", 0600);
	assert_int_equal(identity_ensure(p.fd, &m, made, &e), 2);
	assert_string_equal(made, "machine-id, DHCP identity");
	get(&p, "etc/hostname", text);
	assert_string_equal(text, "kiosk-17\n");
	assert_int_equal(faccessat(p.fd, "etc/ssh/ssh_host_ed25519_key", F_OK, 0), -1);
	place_drop(&p);
}

static void make_hardware(const struct place *p, const char *uuid)
{
	put(p, "dmi/product_uuid", uuid, 0400);
	put(p, "dmi/product_serial", "SN1\n", 0400);
}

static void derived_is_the_same_each_time_and_another_elsewhere(void **state)
{
	char made[IDENTITY_MADE], dmi[60], first[3][1024], text[1024];
	struct identity_maker m;
	struct err e = { 0 };
	struct place p;

	(void)state;
	for (int i = 0; i < 3; i++) {
		place_make(&p);
		make_servers(&p);
		put(&p, IDENTITY_SECRET, i == 2 ? "another secret of a site" : "the secret of a site", 0600);
		make_hardware(&p, i == 1 ? "4C4C4544-0051-3510-8052-B9C04F4E3732\n"
		                         : "4c4c4544-0051-3510-8052-b9c04f4e3731\n");
		snprintf(dmi, sizeof dmi, "%s/dmi", p.path);
		put(&p, "etc/machine-id", "0123456789abcdef0123456789abcdef\n", 0444);
		assert_int_equal(identity_derive_from(&m, p.fd, dmi, &e), 0);
		/* one that was saved by another machine is replaced */
		assert_int_equal(identity_ensure(p.fd, &m, made, &e), 4);
		get(&p, "etc/machine-id", first[i]);
		assert_int_equal(identity_ensure(p.fd, &m, made, &e), 0);
		get(&p, "etc/machine-id", text);
		assert_string_equal(text, first[i]);
		place_drop(&p);
	}
	assert_string_not_equal(first[0], first[1]);
	assert_string_not_equal(first[0], first[2]);
}

static void nothing_is_derived_from_what_anybody_knows(void **state)
{
	static const struct {
		const char *secret, *uuid, *error;
		mode_t mode;
	} rows[] = {
		{ "the secret of a site", "4c4c4544-0051-3510-8052-b9c04f4e3731", "others than its owner", 0644 },
		{ "short", "4c4c4544-0051-3510-8052-b9c04f4e3731", "not 16 to 4096 bytes", 0600 },
		{ "the secret of a site", "00000000-0000-0000-0000-000000000000", "no UUID", 0600 },
	};
	struct identity_maker m;
	char dmi[60];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct err e = { 0 };
		struct place p;

		place_make(&p);
		put(&p, IDENTITY_SECRET, rows[i].secret, rows[i].mode);
		make_hardware(&p, rows[i].uuid);
		snprintf(dmi, sizeof dmi, "%s/dmi", p.path);
		assert_int_equal(identity_derive_from(&m, p.fd, dmi, &e), -1);
		assert_non_null(strstr(e.text, rows[i].error));
		place_drop(&p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_block_says_what_was_written_and_every_changed_byte_is_found),
		cmocka_unit_test(sixteen_long_names_fit_and_no_more),
		cmocka_unit_test(a_version_is_only_raised),
		cmocka_unit_test(blocks_are_written_in_turn_and_a_torn_one_gives_way),
		cmocka_unit_test(a_seed_is_made_of_all_that_there_is),
		cmocka_unit_test(a_host_key_is_in_the_files_of_both_servers),
		cmocka_unit_test(the_uuids_that_vendors_leave_in_are_nobodys),
		cmocka_unit_test(a_root_is_given_what_it_lacks_once),
		cmocka_unit_test(what_somebody_chose_stays),
		cmocka_unit_test(derived_is_the_same_each_time_and_another_elsewhere),
		cmocka_unit_test(nothing_is_derived_from_what_anybody_knows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
