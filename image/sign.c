#include "sign.h"

#include "../init/base/command.h"
#include "../init/base/fd.h"
#include "../init/base/keytab.h"
#include "../overlay/trust/trust.h"
#include "tool.h"

#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { BLOCK = 4096, SALT = 32 };

/* What minisign writes for a key without a password, in base64. */
#define NO_PASSWORD "RWQAAEIy"

static const char *base_of(const char *path)
{
	return strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
}

int sign_check(const struct signing *s, struct err *e)
{
	struct trust t = { .n = 0 };
	char path[256];

	if (tool_find("veritysetup", path, e) < 0 || tool_find("minisign", path, e) < 0)
		return -1;
	if (access(s->secret, R_OK) < 0)
		return err_sys(e, "secret key %s", s->secret);
	return trust_add_key(&t, AT_FDCWD, s->public, e) < 0 ? err_wrap(e, "public key") : 0;
}

void sign_public_beside(const char *secret, char *path, size_t size)
{
	struct span name = span_of(secret);

	if (span_ends(name, ".key") || span_ends(name, ".sec"))
		name.len -= 4;
	snprintf(path, size, "%.*s.pub", SPAN_ARGS(name));
}

uint64_t sign_version_now(void)
{
	const char *epoch = getenv("SOURCE_DATE_EPOCH");
	uint64_t version;

	if (epoch && span_uint(span_of(epoch), INT64_MAX, &version))
		return version;
	return (uint64_t)time(NULL);
}

/* The same image gets the same salt, so that builds can be compared; another
 * version's blocks have other digests. */
static void choose_salt(struct rootmanifest *m)
{
	struct verity *v = &m->verity;
	char text[400];
	int len = snprintf(text, sizeof text, "slate %s %" PRIu64 " %s %" PRIu64, m->name,
	                   m->version, m->image, v->data_size);

	v->salt_len = SALT;
	crypto_generichash(v->salt, SALT, (const unsigned char *)text, (unsigned)len, NULL, 0);
}

static int read_root_hash(const char *path, struct verity *v, struct err *e)
{
	char text[128];
	ssize_t len = fd_read_file(AT_FDCWD, path, text, sizeof text, e);
	size_t bytes;

	if (len < 0)
		return -1;
	if (sodium_hex2bin(v->root, sizeof v->root, text, (size_t)len, " \n", &bytes, NULL) != 0 ||
	    bytes != sizeof v->root)
		return err_say(e, "veritysetup: wrote no root hash");
	return 0;
}

static int run_veritysetup(const char *path, struct verity *v, struct err *e)
{
	char offset[48], blocks[48], salt[2 * SALT + 16], hash[TRUST_PATH_MAX + 32], file[700];
	const char *argv[] = { "veritysetup", "format", path, path, "--no-superblock", offset, blocks,
		               salt, "--hash=sha256", "--data-block-size=4096",
		               "--hash-block-size=4096", hash, NULL };

	snprintf(offset, sizeof offset, "--hash-offset=%" PRIu64, v->hash_offset);
	snprintf(blocks, sizeof blocks, "--data-blocks=%" PRIu64, v->data_size / BLOCK);
	strcpy(salt, "--salt=");
	sodium_bin2hex(salt + 7, sizeof salt - 7, v->salt, v->salt_len);
	snprintf(file, sizeof file, "%s.roothash", path);
	if (snprintf(hash, sizeof hash, "--root-hash-file=%s", file) >= (int)sizeof hash)
		return err_say(e, "%s: path too long", path);

	int result = tool_run(argv, NULL, e);

	if (result >= 0)
		result = read_root_hash(file, v, e);
	unlink(file);
	return result;
}

/* Puts the tree behind the data, which is filled up to whole blocks. */
static int make_tree(const char *path, int fd, struct rootmanifest *m, struct err *e)
{
	struct verity *v = &m->verity;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_sys(e, "stat %s", path);
	if (st.st_size == 0)
		return err_say(e, "%s is empty", path);
	v->data_block = v->hash_block = BLOCK;
	v->data_size = ((uint64_t)st.st_size + BLOCK - 1) / BLOCK * BLOCK;
	v->hash_offset = v->data_size;
	choose_salt(m);
	if (ftruncate(fd, (off_t)v->data_size) < 0)
		return err_sys(e, "fill up %s", path);
	if (run_veritysetup(path, v, e) < 0)
		return -1;
	m->size = v->hash_offset + verity_tree_size(v);
	return 0;
}

/* 1: *m is what an earlier run said of this very file. */
static int read_earlier(const char *manifest, int fd, struct rootmanifest *m)
{
	char text[ROOTMANIFEST_MAX];
	struct err e;
	struct stat st;
	ssize_t len = fd_read_file(AT_FDCWD, manifest, text, sizeof text, &e);

	return len > 0 && rootmanifest_decode((struct span){ text, (size_t)len }, m, &e) == 0 &&
	       fstat(fd, &st) == 0 && (uint64_t)st.st_size == m->size &&
	       verity_check_all(fd, &m->verity, &e) == 0;
}

static int write_manifest(const struct rootmanifest *m, const char *path, struct err *e)
{
	char text[ROOTMANIFEST_MAX];
	int len = rootmanifest_encode(m, text, sizeof text, e);

	return len < 0 ? -1 : fd_write_file(AT_FDCWD, path, text, (size_t)len, e);
}

static bool needs_password(const char *secret)
{
	char text[1024];
	struct err e;
	struct span rest, line;
	ssize_t len = fd_read_file(AT_FDCWD, secret, text, sizeof text, &e);

	rest = (struct span){ text, len > 0 ? (size_t)len : 0 };
	return !(span_line(&rest, &line) && span_line(&rest, &line) &&
	         span_starts(line, NO_PASSWORD));
}

static int run_minisign(const struct signing *s, const struct rootmanifest *m, const char *manifest,
                        struct err *e)
{
	char comment[300], signature[TRUST_PATH_MAX + 16];
	const char *argv[] = { "minisign", "-S", "-s", s->secret, "-m", manifest, "-x", signature, "-t",
		               comment, NULL };
	const struct tool_run run = { .terminal = needs_password(s->secret) };

	snprintf(signature, sizeof signature, "%s.minisig", manifest);
	snprintf(comment, sizeof comment, "slate image %s version %" PRIu64 ": %s", m->name,
	         m->version, m->image);
	unlink(signature);
	return tool_run(argv, &run, e);
}

/* As a boot would see it: also tells a public key that is not the secret one's. */
static int look_back(const struct signing *s, const char *path, int fd, struct err *e)
{
	struct trust t = { .n = 0 };
	struct rootmanifest m;
	char folder[TRUST_PATH_MAX];

	snprintf(folder, sizeof folder, "%.*s", (int)(base_of(path) - path), path);

	FD_AUTO dir = open(folder[0] ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0)
		return err_sys(e, "open %s", folder);
	if (trust_add_key(&t, AT_FDCWD, s->public, e) < 0)
		return -1;
	return trust_check_image(&t, dir, base_of(path), fd, &m, e);
}

int sign_image(const struct signing *s, const char *path, struct err *e)
{
	struct rootmanifest m = { 0 };
	char manifest[TRUST_PATH_MAX];
	const char *base = base_of(path);
	FD_AUTO fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return err_sys(e, "open %s", path);
	if (trust_manifest_path(path, manifest, e) < 0)
		return err_wrap(e, "%s", path);

	bool has_tree = read_earlier(manifest, fd, &m);

	snprintf(m.name, sizeof m.name, "%s", s->name);
	m.version = s->version;
	if (!span_copy(span_of(base), m.image, sizeof m.image))
		return err_say(e, "%s: name too long", path);
	snprintf(m.fstype, sizeof m.fstype, "%s", strrchr(base, '.') + 1);
	if (!has_tree && make_tree(path, fd, &m, e) < 0)
		return -1;
	if (write_manifest(&m, manifest, e) < 0 || run_minisign(s, &m, manifest, e) < 0)
		return -1;
	return look_back(s, path, fd, e) < 0 ? err_wrap(e, "%s", path) : 0;
}

/* --- slate image sign --- */

struct request {
	char secret[512], public[512], name[65];
	uint64_t version;
};

static const struct key options[] = {
	KEY_TEXT("--sign", struct request, secret),
	KEY_TEXT("--key", struct request, public),
	KEY_TEXT("--image-name", struct request, name),
	KEY_UINT("--image-version", struct request, version, 1, INT64_MAX),
};

/* Returns the index of the first word that is no option, or -1 with *e. */
static int read_options(struct request *r, int argc, char **argv, struct err *e)
{
	int i = 1;

	for (; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
		struct span name, value;

		span_cut(span_of(argv[i]), '=', &name, &value);
		if (!value.at && i + 1 < argc)
			value = span_of(argv[++i]);

		int known = keytab_set(options, sizeof options / sizeof *options, name, value, r, e);

		if (known == 0)
			err_say(e, "what is %s?", argv[i]);
		if (known <= 0)
			return -1;
	}
	if (!r->secret[0])
		return err_say(e, "--sign KEY is needed");
	return i < argc ? i : err_say(e, "which image?");
}

int sign_run(int argc, char **argv)
{
	struct request r = { .name = "root", .version = sign_version_now() };
	struct signing with = { r.secret, r.public, r.name, 0 };
	struct err e = { 0 };
	int first = read_options(&r, argc, argv, &e);

	if (first < 0) {
		fprintf(stderr, "slate: image: sign: %s\n", e.text);
		return COMMAND_USAGE;
	}
	if (!r.public[0])
		sign_public_beside(r.secret, r.public, sizeof r.public);
	with.version = r.version;
	for (int i = first; i < argc; i++)
		if (sign_check(&with, &e) < 0 || sign_image(&with, argv[i], &e) < 0) {
			fprintf(stderr, "slate: image: sign: %s\n", e.text);
			return COMMAND_FAILED;
		}
	return COMMAND_DONE;
}
