#include "identity.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../init/base/fd.h"
#include "../../init/base/names.h"
#include "../../init/base/span.h"
#include "hostkey.h"

#define PREFIX       "slate identity 1 "
#define OPENSSH      "etc/ssh"
#define DROPBEAR     "etc/dropbear"
#define DUID         "etc/slate/duid"
#define DHCPCD       "var/lib/dhcpcd"
#define KEY_COMMENT  "host key"

/* --- Bytes --- */

/* As SMBIOS tables have them where nobody has filled them in. */
static const char *const common_uuids[] = {
	"00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff",
	"03000200-0400-0500-0006-000700080009", "12345678-1234-5678-90ab-cddeefaabbcc",
	"00020003-0004-0005-0006-000700080009", "fefefefe-fefe-fefe-fefe-fefefefefefe",
	"03020100-0504-0706-0809-0a0b0c0d0e0f", "11111111-1111-1111-1111-111111111111",
};

bool identity_uuid_is_real(const char *uuid)
{
	if (strlen(uuid) != 36)
		return false;
	for (size_t i = 0; i < sizeof common_uuids / sizeof *common_uuids; i++)
		if (strcasecmp(uuid, common_uuids[i]) == 0)
			return false;
	return true;
}

static void read_line(const char *folder, const char *name, char *out, size_t size)
{
	char path[300], text[128];
	struct err ignored;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	out[0] = '\0';

	ssize_t len = fd_read_file(AT_FDCWD, path, text, sizeof text, &ignored);

	if (len > 0)
		span_copy(span_trim((struct span){ text, (size_t)len }), out, size);
}

static int read_secret(struct identity_maker *m, int root, struct err *e)
{
	static uint8_t secret[IDENTITY_SECRET_MAX + 1];
	FD_AUTO fd = fd_open_in_root(root, IDENTITY_SECRET, O_RDONLY | O_NONBLOCK, 0);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_sys(e, "open /" IDENTITY_SECRET);
	if (!S_ISREG(st.st_mode) || (st.st_mode & 077))
		return err_say(e, "/" IDENTITY_SECRET ": others than its owner may read it");

	ssize_t len = fd_read_full(fd, secret, sizeof secret);

	if (len >= IDENTITY_SECRET_MIN && len <= IDENTITY_SECRET_MAX)
		crypto_generichash(m->key, sizeof m->key, secret, (size_t)len, NULL, 0);
	sodium_memzero(secret, sizeof secret);
	if (len < IDENTITY_SECRET_MIN || len > IDENTITY_SECRET_MAX)
		return err_say(e, "/" IDENTITY_SECRET ": not %d to %d bytes", IDENTITY_SECRET_MIN,
		               IDENTITY_SECRET_MAX);
	return 0;
}

int identity_derive_from(struct identity_maker *m, int root, const char *dmi, struct err *e)
{
	char uuid[64], serial[100];

	*m = (struct identity_maker){ .derive = true };
	if (read_secret(m, root, e) < 0)
		return -1;
	read_line(dmi, "product_uuid", uuid, sizeof uuid);
	read_line(dmi, "product_serial", serial, sizeof serial);
	if (!identity_uuid_is_real(uuid))
		return err_say(e, "the firmware names no UUID of this machine's own (%s)",
		               uuid[0] ? uuid : "none");
	for (char *c = uuid; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	snprintf(m->hardware, sizeof m->hardware, "%s %s", uuid, serial);
	return 0;
}

int identity_bytes(const struct identity_maker *m, const char *purpose, void *out, size_t len,
                   struct err *e)
{
	crypto_generichash_state state;

	if (!m->derive)
		return getrandom(out, len, 0) == (ssize_t)len ? 0 : err_sys(e, "getrandom");
	crypto_generichash_init(&state, m->key, sizeof m->key, len < 16 ? 16 : len);
	crypto_generichash_update(&state, (const uint8_t *)PREFIX, strlen(PREFIX));
	crypto_generichash_update(&state, (const uint8_t *)purpose, strlen(purpose) + 1);
	crypto_generichash_update(&state, (const uint8_t *)m->hardware, strlen(m->hardware) + 1);

	uint8_t all[64];

	crypto_generichash_final(&state, all, len < 16 ? 16 : len);
	memcpy(out, all, len);
	sodium_memzero(all, sizeof all);
	return 0;
}

/* --- Files --- */

/* 1: written; 0: it held that already; -1 with *e. Made under another name, so that
 * nobody ever reads half of it. */
static int put_file(int root, const char *path, const void *bytes, size_t len, mode_t mode,
                    struct err *e)
{
	char old[2 * HOSTKEY_TEXT], new[300];
	FD_AUTO was = openat(root, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	FD_AUTO fd = -1;

	if (was >= 0 && fd_read_full(was, old, sizeof old) == (ssize_t)len &&
	    memcmp(old, bytes, len) == 0)
		return 0;
	snprintf(new, sizeof new, "%s.slate", path);
	unlinkat(root, new, 0);
	fd = openat(root, new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
	if (fd < 0 || fd_write_full(fd, bytes, len) < 0 || fchmod(fd, mode) < 0 ||
	    renameat(root, new, root, path) < 0) {
		err_sys(e, "write /%s", path);
		unlinkat(root, new, 0);
		return -1;
	}
	return 1;
}

/* The first word of a file, or "". */
static void read_word(int root, const char *path, char *word, size_t size)
{
	char text[256];
	struct err ignored;
	ssize_t len = fd_read_file(root, path, text, sizeof text, &ignored);

	word[0] = '\0';
	if (len > 0)
		span_copy(span_trim((struct span){ text, (size_t)len }), word, size);
}

static bool is_folder(int root, const char *path)
{
	struct stat st;

	return fstatat(root, path, &st, 0) == 0 && S_ISDIR(st.st_mode);
}

/* Whether a name PREFIX*SUFFIX is in the folder. */
static bool holds(int root, const char *folder, const char *prefix, const char *suffix)
{
	FD_AUTO dir = openat(root, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct names names = { 0 };
	struct err ignored;
	bool found = false;

	if (dir >= 0 && names_read(&names, dir, &ignored) == 0)
		for (size_t i = 0; !found && i < names.n; i++)
			found = span_starts(span_of(names.at[i]), prefix) &&
			        span_ends(span_of(names.at[i]), suffix);
	names_drop(&names);
	return found;
}

/* --- What it consists of: each 1: made; 0: there already, or not for this root --- */

/* Version 4 of RFC 9562, as systemd and D-Bus make theirs. */
static void as_uuid(uint8_t id[16])
{
	id[6] = (uint8_t)((id[6] & 0x0f) | 0x40);
	id[8] = (uint8_t)((id[8] & 0x3f) | 0x80);
}

static bool has_openssh(int root)
{
	return is_folder(root, OPENSSH) && faccessat(root, "usr/sbin/sshd", F_OK, 0) == 0;
}

static int make_machine_id(int root, const struct identity_maker *m, struct err *e)
{
	char now[64], text[34];
	uint8_t id[16];

	read_word(root, "etc/machine-id", now, sizeof now);
	if (!m->derive && strlen(now) == 32 && strspn(now, "0123456789abcdef") == 32)
		return 0;
	if (identity_bytes(m, "machine-id", id, sizeof id, e) < 0)
		return -1;
	as_uuid(id);
	sodium_bin2hex(text, 33, id, sizeof id);
	text[32] = '\n';
	return put_file(root, "etc/machine-id", text, 33, 0444, e);
}

/* A name that somebody has chosen stays, derived or not. */
static int make_hostname(int root, const struct identity_maker *m, struct err *e)
{
	char now[256], text[32];
	uint8_t id[4];

	read_word(root, "etc/hostname", now, sizeof now);
	if (now[0] && strcmp(now, "localhost") != 0 && strcmp(now, "(none)") != 0)
		return 0;
	if (identity_bytes(m, "hostname", id, sizeof id, e) < 0)
		return -1;

	int len = snprintf(text, sizeof text, "slate-%02x%02x%02x%02x\n", id[0], id[1], id[2], id[3]);

	return put_file(root, "etc/hostname", text, (size_t)len, 0644, e);
}

static int make_duid(int root, const struct identity_maker *m, struct err *e)
{
	char text[64] = "00:04";
	uint8_t id[16];

	if (!m->derive && faccessat(root, DUID, F_OK, 0) == 0)
		return 0;
	if (identity_bytes(m, "dhcp", id, sizeof id, e) < 0 ||
	    fd_mkdirs(root, "etc/slate", 0755, e) < 0)
		return -1;
	as_uuid(id);
	for (size_t i = 0; i < sizeof id; i++)
		snprintf(text + 5 + 3 * i, sizeof text - 5 - 3 * i, ":%02x", id[i]);
	strcat(text, "\n");
	return put_file(root, DUID, text, strlen(text), 0644, e);
}

/* For each server that is there; 1 where one of its files is new. */
static int write_keys(int root, const struct hostkey *key, struct err *e)
{
	const struct {
		bool wanted;
		const char *path;
		const void *bytes;
		size_t len;
		mode_t mode;
	} files[] = {
		{ has_openssh(root), OPENSSH "/ssh_host_ed25519_key.pub", key->public,
		  strlen(key->public), 0644 },
		{ has_openssh(root), OPENSSH "/ssh_host_ed25519_key", key->openssh,
		  strlen(key->openssh), 0600 },
		{ is_folder(root, DROPBEAR), DROPBEAR "/dropbear_ed25519_host_key", key->dropbear,
		  key->dropbear_len, 0600 },
	};
	int made = 0;

	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		int result = files[i].wanted ? put_file(root, files[i].path, files[i].bytes,
		                                        files[i].len, files[i].mode, e)
		                             : 0;

		if (result < 0)
			return -1;
		made |= result;
	}
	return made;
}

static int make_host_key(int root, const struct identity_maker *m, struct err *e)
{
	uint8_t seed[HOSTKEY_SEED];
	struct hostkey key;
	bool there = holds(root, OPENSSH, "ssh_host_", "_key") ||
	             holds(root, DROPBEAR, "dropbear_", "_host_key");

	if (!m->derive && there)
		return 0;
	if (identity_bytes(m, "ssh", seed, sizeof seed, e) < 0)
		return -1;
	hostkey_make(seed, KEY_COMMENT, &key);

	int result = write_keys(root, &key, e);

	sodium_memzero(seed, sizeof seed);
	sodium_memzero(&key, sizeof key);
	return result;
}

/* Where no save reaches: from what is saved, at each boot. */
static int place_duid(int root, const struct identity_maker *m, struct err *e)
{
	char text[64];

	(void)m;
	read_word(root, DUID, text, sizeof text - 1);
	if (!text[0] || !is_folder(root, DHCPCD))
		return 0;
	strcat(text, "\n");
	return put_file(root, DHCPCD "/duid", text, strlen(text), 0644, e) < 0 ? -1 : 0;
}

static const struct {
	const char *name;
	int (*make)(int root, const struct identity_maker *m, struct err *e);
} rows[] = {
	{ "machine-id", make_machine_id }, { "hostname", make_hostname },
	{ "DHCP identity", make_duid },    { "SSH host key", make_host_key },
	{ "DHCP identity", place_duid },
};

int identity_ensure(int root, const struct identity_maker *m, char made[IDENTITY_MADE],
                    struct err *e)
{
	int n = 0, failed = 0;

	made[0] = '\0';
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct err why;
		int result = rows[i].make(root, m, &why);
		size_t used = strlen(made);

		if (result < 0) {
			*e = why;
			failed = err_wrap(e, "%s", rows[i].name);
		} else if (result > 0) {
			snprintf(made + used, IDENTITY_MADE - used, "%s%s", used ? ", " : "",
			         rows[i].name);
			n++;
		}
	}
	return failed < 0 ? -1 : n;
}
