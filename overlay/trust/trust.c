#include "trust.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../init/base/fd.h"

#define MANIFEST ".manifest"

/* At most `size` bytes of a regular file; -1 with *e. */
static ssize_t read_small(int dir, const char *path, bool beneath, char *buf, size_t size,
                          struct err *e)
{
	const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	FD_AUTO fd = beneath ? fd_open_beneath(dir, path, O_RDONLY | O_NONBLOCK, 0)
	                     : openat(dir, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd < 0 && errno == ENOENT)
		return err_say(e, "%s is missing", name);
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_sys(e, "open %s", name);
	if (!S_ISREG(st.st_mode) || st.st_size > (off_t)size)
		return err_say(e, "%s is %s", name, S_ISREG(st.st_mode) ? "too large" : "no file");

	ssize_t len = fd_read_full(fd, buf, size);

	return len < 0 ? err_sys(e, "read %s", name) : len;
}

int trust_add_key(struct trust *t, int dir, const char *path, struct err *e)
{
	char text[MINISIGN_FILE_MAX];
	ssize_t len = read_small(dir, path, false, text, sizeof text, e);

	if (len < 0)
		return -1;
	if (t->n == TRUST_KEYS_MAX)
		return err_say(e, "%s: more than %d keys", path, TRUST_KEYS_MAX);
	if (minisign_key_decode((struct span){ text, (size_t)len }, &t->keys[t->n], e) < 0)
		return err_wrap(e, "%s", path);
	t->n++;
	return 0;
}

int trust_read_keys(struct trust *t, const char *path, struct err *e)
{
	DIR *d = opendir(path);
	int result = 0;

	if (!d)
		return errno == ENOENT ? 0 : err_sys(e, "open %s", path);
	for (struct dirent *entry; result == 0 && (entry = readdir(d));)
		if (span_ends(span_of(entry->d_name), ".pub"))
			result = trust_add_key(t, dirfd(d), entry->d_name, e);
	closedir(d);
	return result;
}

int trust_manifest_path(const char *image, char path[TRUST_PATH_MAX], struct err *e)
{
	static const char *const endings[] = { ".squashfs", ".erofs" };
	struct span name = span_of(image);

	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
		if (!span_ends(name, endings[i]))
			continue;
		name.len -= strlen(endings[i]);
		if (name.len + sizeof MANIFEST <= TRUST_PATH_MAX) {
			snprintf(path, TRUST_PATH_MAX, "%.*s" MANIFEST, SPAN_ARGS(name));
			return 0;
		}
	}
	return err_say(e, "only .squashfs and .erofs can have a manifest");
}

bool trust_is_there(int dir, const char *path)
{
	FD_AUTO fd = fd_open_beneath(dir, path, O_PATH, 0);

	return fd >= 0 || errno != ENOENT;
}

bool trust_is_described(int dir, const char *image)
{
	char path[TRUST_PATH_MAX];
	struct err e;

	if (trust_manifest_path(image, path, &e) < 0)
		return false;

	return trust_is_there(dir, path);
}

static int hash_file(int fd, uint64_t length, uint8_t hash[MINISIGN_HASH], struct err *e)
{
	crypto_generichash_state state;
	uint8_t buf[32768];

	crypto_generichash_init(&state, NULL, 0, MINISIGN_HASH);
	for (uint64_t at = 0; at < length;) {
		uint64_t left = length - at;
		ssize_t n = pread(fd, buf, left < sizeof buf ? left : sizeof buf, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, "read at %" PRIu64, at);
		if (n == 0)
			return err_say(e, "cut short: %" PRIu64 " bytes are missing", left);
		crypto_generichash_update(&state, buf, (size_t)n);
		at += (uint64_t)n;
	}
	crypto_generichash_final(&state, hash, MINISIGN_HASH);
	return 0;
}

int trust_check_file(const struct trust *t, int dir, const char *path, int fd, uint64_t length,
                     struct err *e)
{
	char text[MINISIGN_FILE_MAX];
	uint8_t hash[MINISIGN_HASH];
	struct minisign_signature s;
	ssize_t len = read_small(dir, path, true, text, sizeof text, e);

	if (len < 0)
		return -1;
	if (minisign_signature_decode((struct span){ text, (size_t)len }, &s, e) < 0)
		return err_wrap(e, "signature");
	if (hash_file(fd, length, hash, e) < 0)
		return -1;
	return minisign_check_hash(&s, t->keys, t->n, hash, e) < 0 ? err_wrap(e, "signature") : 0;
}

int trust_check_text(const struct trust *t, int dir, const char *path, struct span message,
                     struct err *e)
{
	char text[MINISIGN_FILE_MAX];
	struct minisign_signature s;
	ssize_t len = read_small(dir, path, true, text, sizeof text, e);

	if (len < 0)
		return -1;
	if (minisign_signature_decode((struct span){ text, (size_t)len }, &s, e) < 0)
		return -1;
	return minisign_check(&s, t->keys, t->n, message, e);
}

int trust_read_manifest(const struct trust *t, int dir, const char *path, struct rootmanifest *out,
                        struct err *e)
{
	const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	char text[ROOTMANIFEST_MAX], beside[TRUST_PATH_MAX + sizeof TRUST_SIGNATURE];

	snprintf(beside, sizeof beside, "%s" TRUST_SIGNATURE, path);

	ssize_t len = read_small(dir, path, true, text, sizeof text, e);

	if (len < 0)
		return -1;

	struct span message = { text, (size_t)len };

	if (trust_check_text(t, dir, beside, message, e) < 0)
		return err_wrap(e, "signature of %s", name);
	return rootmanifest_decode(message, out, e) < 0 ? err_wrap(e, "%s", name) : 0;
}

int trust_check_image(const struct trust *t, int dir, const char *path, int image,
                      struct rootmanifest *out, struct err *e)
{
	const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	char manifest[TRUST_PATH_MAX];
	struct stat st;

	if (trust_manifest_path(path, manifest, e) < 0 ||
	    trust_read_manifest(t, dir, manifest, out, e) < 0)
		return -1;
	if (strcmp(out->image, name) != 0)
		return err_say(e, "its manifest is that of %s", out->image);
	if (fstat(image, &st) < 0)
		return err_sys(e, "stat");
	if ((uint64_t)st.st_size != out->size)
		return err_say(e, "is not what was signed: %jd bytes instead of %" PRIu64,
		               (intmax_t)st.st_size, out->size);
	return verity_check_first(image, &out->verity, e);
}
