#include "verify.h"

#include <fcntl.h>

#include "../../overlay/trust/trust.h"
#include "../base/child.h"
#include "../base/clock.h"
#include "../base/dir.h"
#include "../base/fd.h"

enum { CHECK_MS = 60000 }; /* a slow stick, and a few small files */

#define UNCHANGED "none is mounted; nothing on the medium was changed"

enum setting_verify verify_mode(const struct boot *b)
{
	if (b->settings.verify == VERIFY_UNSET)
		return b->keyed ? VERIFY_REQUIRE : VERIFY_NO;
	return (enum setting_verify)b->settings.verify;
}

/* Is there a signature in slate/ of the medium? */
static bool is_signed(int medium)
{
	DIR *d = dir_list(fd_open_beneath(medium, "slate", O_RDONLY | O_DIRECTORY, 0));
	bool found = false;

	if (!d)
		return false;
	for (struct dirent *entry; !found && (entry = readdir(d));)
		found = span_ends(span_of(entry->d_name), ".minisig");
	closedir(d);
	return found;
}

int verify_possible(const struct boot *b, struct err *e)
{
	enum setting_verify mode = verify_mode(b);

	if (b->keyed || mode == VERIFY_NO)
		return 0;
	if (mode == VERIFY_REQUIRE)
		return err_say(e, "slate.verify=require: this initramfs holds no key in " TRUST_KEYS
		                  " to verify an image with, so " UNCHANGED);
	if (is_signed(b->medium.dir))
		return err_say(e, "slate.verify=if-signed, and there is a signature: this "
		                  "initramfs holds no key in " TRUST_KEYS ", so " UNCHANGED);
	return 0;
}

struct check {
	int dir, file;
	const char *path;
};

static int check(void *arg, void *out, struct err *e)
{
	const struct check *c = arg;
	struct trust t = { .n = 0 };

	if (trust_read_keys(&t, TRUST_KEYS, e) < 0)
		return -1;
	return trust_check_image(&t, c->dir, c->path, c->file, out, e);
}

int verify_image(const struct boot *b, int dir, const char *path, int file,
                 struct rootmanifest *out, struct err *e)
{
	const struct child_limits limits = { clock_now_ms() + CHECK_MS, (size_t)16 << 20,
	                                     CHILD_READS, -1 };
	enum setting_verify mode = verify_mode(b);
	struct check c = { dir, file, path };

	if (mode == VERIFY_NO)
		return 0;
	if (mode == VERIFY_IF_SIGNED && !trust_is_described(dir, path)) {
		boot_degrade(b, "root: image %s is not signed; it was not verified", path);
		return 0;
	}
	if (child_call(check, &c, out, sizeof *out, &limits, e) < 0)
		return err_wrap(e, "not verified, so not mounted");
	return 1;
}

void verify_arm(const struct boot *b)
{
	if (!b->settings.panic_s)
		return;
	for (size_t i = 0; i < b->root.n; i++) {
		const struct image *image = &b->root.images[i];
		struct err e;

		if (image->verified && dmverity_set_policy(&image->mapped, &image->verity,
		                                           DMVERITY_RESTART, &e) < 0)
			boot_degrade(b, "root: image %s: %s; damage found later does not restart "
			                "the machine",
			             image->path, e.text);
	}
}
