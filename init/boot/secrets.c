#include "secrets.h"

#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "../../overlay/slot/opensslin.h"
#include "../../overlay/slot/signer.h"
#include "../base/child.h"
#include "../base/clock.h"
#include "../base/fd.h"
#include "../base/paths.h"
#include "medium.h"
#include "mounts.h"
#include "search.h"

enum { CHECK_MS = 60000 };

#define PATH_KEY_DEVICE PATH_RUN "/key-device" /* where it is mounted, in the child alone */

int secrets_split(const char *setting, struct span *device, struct span *path, struct err *e)
{
	const char *colon = strrchr(setting, ':');

	if (!colon || colon == setting || !colon[1])
		return err_say(e, "slate.key=%s: DEVICE:PATH is wanted", setting);
	*device = (struct span){ setting, (size_t)(colon - setting) };
	*path = span_of(colon + 1 + strspn(colon + 1, "/"));
	return 0;
}

/* --- The operator's keys --- */

/* Foreign bytes; a key that can't be read must not count as a key fewer. */
static int read_trusted(void *arg, void *out, struct err *e)
{
	struct trust *t = out;
	char path[sizeof PATH_ROOT TRUST_KEYS];

	(void)arg;
	snprintf(path, sizeof path, "%s%s", PATH_ROOT, TRUST_KEYS);
	return trust_read_keys(t, TRUST_KEYS, e) < 0 ? -1 : trust_read_keys(t, path, e);
}

static int keep_trusted(const struct trust *t, struct err *e)
{
	char path[100], text[MINISIGN_KEY_TEXT];

	for (size_t i = 0; i < t->n; i++) {
		snprintf(path, sizeof path, PATH_KEYS "/operator-%zu.pub", i);
		minisign_key_encode(&t->keys[i], text);
		if (fd_write_file(AT_FDCWD, path, text, strlen(text), e) < 0)
			return -1;
	}
	return 0;
}

/* --- The device's own --- */

struct key_file {
	const char *device, *fstype;
	struct span path;
};

/* The mount is this child's own and ends with it. */
static int read_secret(void *arg, void *out, struct err *e)
{
	const struct key_file *k = arg;
	const char *own = medium_options_as_is(k->fstype);
	char device[96], path[512], options[256];

	snprintf(device, sizeof device, "/dev/%s", k->device);
	snprintf(path, sizeof path, "%.*s", SPAN_ARGS(k->path));
	snprintf(options, sizeof options, "%s%sro,nosuid,nodev,noexec,noatime", own ? own : "",
	         own ? "," : "");
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return err_sys(e, "mount namespace");
	if (mounts_mount(device, PATH_KEY_DEVICE, k->fstype, options, e) < 0)
		return -1;

	FD_AUTO dir = open(PATH_KEY_DEVICE, O_PATH | O_DIRECTORY | O_CLOEXEC);
	FD_AUTO fd = dir < 0 ? -1 : fd_open_beneath(dir, path, O_RDONLY | O_NONBLOCK, 0);

	if (fd < 0)
		return err_sys(e, "open %s on %s", path, k->device);
	if (signer_read_file(fd, out, e) < 0)
		return err_wrap(e, "%s on %s", path, k->device);
	/* the folder is the same in this namespace */
	return opensslin_keep_line(PATH_KEYS, fd, e);
}

static const struct device *find_device(struct boot *b, struct span spec, struct err *e)
{
	const struct rootspec medium = b->wanted;
	char asked[256];
	const struct device *found = NULL;

	if (!span_copy(spec, asked, sizeof asked)) {
		err_say(e, "the name of the device is too long");
		return NULL;
	}
	if (rootspec_parse(spec, &b->wanted, e) < 0)
		;
	else if (b->wanted.kind == ROOT_NETWORK || b->wanted.kind == ROOT_NFS || b->wanted.kind == ROOT_NBD)
		err_say(e, "only a device can hold it");
	else if (!(found = search_run(b, "slate.key=", asked)))
		err_say(e, "%s did not appear within %" PRIu64 " s", asked, b->settings.rootwait_s);
	b->wanted = medium;
	return found;
}

/* A key beside what it protects protects nothing. */
static int check_device(const struct boot *b, const struct device *d, struct err *e)
{
	if (strcmp(d->name, b->medium.device) == 0)
		return err_say(e, "%s is the medium itself: whoever has it would have the key too",
		               d->name);
	if (!probe_type_is_allowed(d->found.fstype))
		return err_say(e, "%s holds no file system that it could be on", d->name);
	return 0;
}

static int fetch_secret(struct boot *b, uint8_t secret[SIGNER_BYTES], struct err *e)
{
	struct child_limits limits = { .memory = (size_t)16 << 20 };
	struct key_file k;
	struct span spec;

	if (secrets_split(b->settings.key, &spec, &k.path, e) < 0)
		return -1;

	const struct device *d = find_device(b, spec, e);

	if (!d || check_device(b, d, e) < 0 || modules_load_fs(&b->modules, d->found.fstype, e) < 0)
		return -1;
	k.device = d->name;
	k.fstype = d->found.fstype;
	limits.deadline_ms = clock_now_ms() + CHECK_MS;
	return child_call(read_secret, &k, secret, SIGNER_BYTES, &limits, e);
}

static int keep_secret(const uint8_t secret[SIGNER_BYTES], struct minisign_key *own, struct err *e)
{
	struct signer signer;
	char text[MINISIGN_KEY_TEXT];
	FD_AUTO fd =
		open(PATH_KEYS "/" SIGNER_SECRET, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0 || fd_write_full(fd, secret, SIGNER_BYTES) < 0)
		return err_sys(e, "keep the key");
	signer_derive(&signer, secret);
	*own = signer.key;
	signer_wipe(&signer);
	minisign_key_encode(own, text);
	return fd_write_file(AT_FDCWD, PATH_KEYS "/" SIGNER_PUBLIC, text, strlen(text), e);
}

static int add_own(struct boot *b, struct trust *t, struct err *e)
{
	uint8_t secret[SIGNER_BYTES];
	int result = fetch_secret(b, secret, e);

	if (result == 0 && t->n == TRUST_KEYS_MAX)
		result = err_say(e, "there are %d other keys already", TRUST_KEYS_MAX);
	if (result == 0)
		result = keep_secret(secret, &t->keys[t->n], e);
	if (result == 0)
		t->n++;
	sodium_memzero(secret, sizeof secret);
	return result;
}

static int make_folder(struct err *e)
{
	if (mkdir(PATH_KEYS, 0755) < 0 ||
	    mount("ramfs", PATH_KEYS, "ramfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0755") < 0)
		return err_sys(e, "make " PATH_KEYS);
	return 0;
}

void secrets_open(struct boot *b, struct vouch *vouch)
{
	const struct child_limits limits = { .deadline_ms = clock_now_ms() + CHECK_MS,
		                             .memory = (size_t)16 << 20,
		                             .walls = CHILD_READS };
	struct trust *t = &vouch->keys;
	bool has_keys = false;
	struct err e = { 0 };

	*vouch = (struct vouch){ .policy = VERIFY_NO, .secrets = PATH_KEYS };
	if (make_folder(&e) < 0 || child_call(read_trusted, NULL, t, sizeof *t, &limits, &e) < 0 ||
	    keep_trusted(t, &e) < 0) {
		boot_degrade(b, "restore: keys: %s; none is trusted", e.text);
		t->n = 0;
		has_keys = true;
	}
	if (b->settings.key[0] && add_own(b, t, &e) < 0)
		boot_degrade(b,
		             "slate.key=%s: %s; nothing can be signed, and what was signed "
		             "with it is not trusted",
		             b->settings.key, e.text);
	vouch->policy =
		vouch_policy(b->settings.verify_saved, b->settings.key[0], has_keys || t->n > 0);
}
