#include "root.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

#include "../base/dir.h"
#include "../base/fd.h"
#include "../base/paths.h"
#include "conf.h"
#include "fleet.h"
#include "image.h"
#include "memory.h"
#include "mounts.h"
#include "verify.h"

/* One of these makes a tree a root: an init, or a shell for the units. */
static const char *const signs[] = {
	"usr/sbin/slate-init",
	"sbin/slate-init",
	"sbin/init",
	"usr/sbin/init",
	"usr/lib/systemd/systemd",
	"etc/init",
	"bin/init",
	"bin/sh",
	"usr/bin/sh",
	"bin/busybox",
	"usr/bin/busybox",
};

/* 1: a root; 0: not; -1 with *e when it can't be read. */
static int looks_like_root(const struct boot *b, int dir, struct err *e)
{
	const char *own = b->settings.init;

	for (size_t i = 0; i <= sizeof signs / sizeof *signs; i++) {
		bool last = i == sizeof signs / sizeof *signs;

		if (last && !own[0])
			break;

		FD_AUTO fd = fd_open_in_root(dir, last ? own : signs[i], O_PATH, 0);

		if (fd >= 0)
			return 1;
		/* a link whose end is not there is no init, but no damage either */
		if (errno != ENOENT && errno != ENOTDIR && errno != ELOOP)
			return err_sys(e, "read %s of the root", last ? own : signs[i]);
	}
	return 0;
}

static int open_root(struct boot *b, struct err *e)
{
	FD_AUTO dir = open(PATH_ROOT, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0)
		return err_sys(e, "open " PATH_ROOT);

	int result = looks_like_root(b, dir, e);

	if (result == 0)
		err_say(e, "holds neither an init nor a shell");
	if (result <= 0)
		return -1;
	b->root.dir = fd_take(&dir);
	return 0;
}

/* Undoes what a refused image left behind. */
static void clear(struct boot *b)
{
	char path[64];

	while (umount2(PATH_ROOT, MNT_DETACH) == 0)
		;
	for (size_t i = 0; i < b->root.n; i++) {
		snprintf(path, sizeof path, "%s/%zu", PATH_IMAGES, i);
		umount2(path, MNT_DETACH);
	}
	b->root.n = 0;
	fd_drop(&b->root.dir);
}

static int stack(struct boot *b, struct err *e)
{
	char options[BOOT_IMAGES_MAX * 40] = "lowerdir=";
	size_t used = strlen(options);

	if (modules_load_fs(&b->modules, "overlay", e) < 0)
		return -1;
	for (size_t i = b->root.n; i-- > 0;)
		used += (size_t)snprintf(options + used, sizeof options - used, "%s%s/%zu",
		                         i + 1 < b->root.n ? ":" : "", PATH_IMAGES, i);
	if (fd_mkdirs(AT_FDCWD, PATH_ROOT, 0755, e) < 0)
		return -1;
	if (mount("slate-images", PATH_ROOT, "overlay", MS_RDONLY, options) < 0)
		return err_sys(e, "stack %zu images", b->root.n);
	return 0;
}

/* slate.image=: these, all of them, or nothing. */
static int mount_named(struct boot *b, struct err *e)
{
	struct image images[BOOT_IMAGES_MAX];
	size_t n;

	if (image_list_parse(span_of(b->settings.image), images, &n, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		char target[64] = PATH_ROOT;

		if (n > 1)
			snprintf(target, sizeof target, "%s/%zu", PATH_IMAGES, i);
		if (image_mount(b, b->medium.dir, &images[i], target, e) < 0)
			return -1;
		b->root.images[b->root.n++] = images[i];
	}
	if (n > 1 && stack(b, e) < 0)
		return -1;
	if (open_root(b, e) < 0)
		return err_wrap(e, "slate.image=%s", b->settings.image);
	return 0;
}

static int try_image(struct boot *b, struct image *image, struct err *e)
{
	if (image_mount(b, b->medium.dir, image, PATH_ROOT, e) < 0)
		return -1;
	b->root.images[0] = *image;
	b->root.n = 1;
	if (open_root(b, e) < 0)
		return err_wrap(e, "image %s", image->path);
	return 0;
}

/* The first of the medium's images that is a root. */
static int mount_first(struct boot *b, struct image *images, size_t n, struct err *e)
{
	char bad[300] = "";

	for (size_t i = 0; i < n; i++) {
		if (try_image(b, &images[i], e) < 0) {
			clear(b);
			if (i + 1 < n)
				boot_say(b, REPORT_ERROR, "root: %s; trying %s", e->text,
				         images[i + 1].path);
			if (!bad[0])
				snprintf(bad, sizeof bad, "%.299s", e->text);
			continue;
		}
		if (bad[0])
			boot_degrade(b, "root: %s; %s was booted instead", bad, images[i].path);
		return 0;
	}
	return -1;
}

/* The medium's own file system is the root. */
static int mount_medium_itself(struct boot *b, struct err *e)
{
	if (verify_mode(b) == VERIFY_REQUIRE)
		return err_say(e,
		               "the initramfs holds a key, so the root must be a signed image, "
		               "but there is none in slate/ of %s",
		               b->medium.device);
	if (mounts_bind_root(PATH_MEDIUM, PATH_ROOT, e) < 0)
		return -1;
	b->root.images[0] = (struct image){ .size = b->medium.found.size };
	snprintf(b->root.images[0].fstype, sizeof b->root.images[0].fstype, "%s",
	         b->medium.found.fstype);
	b->root.n = 1;
	if (open_root(b, e) < 0)
		return err_wrap(e, "no image in slate/ of %s, and its file system",
		                b->medium.device);
	return 0;
}

static int mount_any(struct boot *b, struct err *e)
{
	struct image images[BOOT_IMAGES_MAX];
	size_t n;

	if (b->settings.image[0])
		return mount_named(b, e);
	if (image_list_read(b->medium.dir, images, &n, e) < 0)
		return -1;
	return n ? mount_first(b, images, n, e) : mount_medium_itself(b, e);
}

int root_mount(struct boot *b, struct err *e)
{
	fleet_run(b, e);
	if (verify_possible(b, e) < 0)
		return -1;
	clear(b);
	memory_read(b);
	memory_clock(b, b->remembered.time, "the last shutdown");
	if (mount_any(b, e) < 0) {
		struct err first = *e;

		clear(b);
		*e = first;
		return -1;
	}
	conf_add_root(b, b->root.dir);
	fleet_run(b, e); /* where only a newer image names its file */
	verify_arm(b);
	memory_note(b);
	boot_say(b, REPORT_INFO, "root: %s (%s%s)",
	         b->root.images[0].path[0] ? b->root.images[b->root.n - 1].path : b->medium.device,
	         b->root.images[0].fstype, b->root.images[0].verified ? ", verified" : "");
	return 0;
}

static void add_word(char *list, size_t size, const char *word)
{
	size_t used = strlen(list);

	snprintf(list + used, size - used, "%s%.60s", used ? ", " : "", word);
}

/* The names in slate/ of the medium, as many as fit on a line. False: no folder. */
static bool list_folder(const struct boot *b, char *list, size_t size)
{
	DIR *d = dir_list(fd_open_beneath(b->medium.dir, "slate", O_RDONLY | O_DIRECTORY, 0));

	if (!d)
		return false;
	for (struct dirent *entry; (entry = readdir(d));)
		if (entry->d_name[0] != '.')
			add_word(list, size, entry->d_name);
	closedir(d);
	return true;
}

void root_explain(const struct boot *b)
{
	char folder[300] = "", wanted[300] = "";

	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
		add_word(wanted, sizeof wanted, signs[i]);
	if (list_folder(b, folder, sizeof folder))
		boot_say(b, REPORT_ERROR, "slate/ on %s (%s) holds: %s", b->medium.device,
		         b->medium.found.fstype, folder[0] ? folder : "nothing");
	else
		boot_say(b, REPORT_ERROR, "there is no folder slate/ on %s (%s)", b->medium.device,
		         b->medium.found.fstype);
	boot_say(b, REPORT_ERROR, "a root has one of: %s", wanted);
}
