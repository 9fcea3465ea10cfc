#include "netroot.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "../../overlay/trust/trust.h"
#include "../base/fd.h"
#include "../base/paths.h"
#include "conf.h"
#include "console.h"
#include "fetch.h"
#include "fleet.h"
#include "image.h"
#include "mounts.h"
#include "network.h"
#include "verify.h"

#define FOLDER PATH_MEDIUM "/slate"

/* The image lies in memory beside what the running system writes. */
#define TMPFS_OPTIONS "mode=0755,size=80%,nosuid,nodev,noexec"

enum { CONF_MAX = BOOT_CONF_MAX - 1, ANOTHER_PAUSE_S = 10 };

bool netroot_is_wanted(const struct boot *b)
{
	return b->wanted.kind == ROOT_NETWORK;
}

static int check_url(const char *url, struct err *e)
{
	if (!fetcher_is_url(url))
		return err_say(e, "root=%s: not a URL of http:// or https://", url);
	return fetch_name(url).len ? 0 : err_say(e, "root=%s: names no file", url);
}

static int mount_memory(struct boot *b, struct err *e)
{
	/* a second try begins anew */
	fd_drop(&b->medium.dir);
	umount2(PATH_MEDIUM, MNT_DETACH);
	if (mounts_mount("slate-medium", PATH_MEDIUM, "tmpfs", TMPFS_OPTIONS, e) < 0)
		return -1;
	return fd_mkdirs(AT_FDCWD, FOLDER, 0755, e);
}

/* A small file beside the image; one that the server does not have is none here.
 * `needed`: it is waited for. */
static int fetch_small(struct boot *b, const char *name, uint64_t max, bool needed, struct err *e)
{
	char url[640], to[400];
	struct fetch f = { .what = name, .url = url, .to = to, .max = max, .for_ever = true,
		           .optional = !needed };

	snprintf(to, sizeof to, FOLDER "/%.250s", name);
	if (fetch_beside(b->settings.root, name, url, sizeof url, e) < 0)
		return -1;

	enum fetcher_status status = fetch_run(b, &f, NULL, e);

	if (status == FETCHER_DONE)
		return 0;
	unlink(to);
	return status == FETCHER_MISSING && !needed ? 0 : -1;
}

/* What an image is to be like. Without a key it need not be there, but serves to
 * find what was damaged on its way. Fills `manifest` with its path, or "". */
static int fetch_manifest(struct boot *b, const char *image, char *manifest, size_t size,
                          struct err *e)
{
	char name[TRUST_PATH_MAX], signature[TRUST_PATH_MAX + 16];
	bool needed = verify_mode(b) == VERIFY_REQUIRE;
	struct err not_one;

	manifest[0] = '\0';
	if (trust_manifest_path(image, name, &not_one) < 0)
		return 0;
	snprintf(signature, sizeof signature, "%s.minisig", name);
	if (fetch_small(b, name, ROOTMANIFEST_MAX - 1, needed, e) < 0 ||
	    fetch_small(b, signature, MINISIGN_FILE_MAX - 1, needed, e) < 0)
		return -1;
	snprintf(manifest, size, FOLDER "/%s", name);
	if (access(manifest, F_OK) < 0)
		manifest[0] = '\0';
	return 0;
}

/* An image that is not the one of its manifest may be on its way to the server: both
 * are asked for again. */
static int fetch_image(struct boot *b, const char *url, const char *name, struct err *e)
{
	char manifest[400], to[400];
	struct fetch f = { .what = name, .url = url, .to = to, .for_ever = true };
	enum fetcher_status status;

	snprintf(to, sizeof to, FOLDER "/%.250s", name);
	for (;;) {
		if (fetch_manifest(b, name, manifest, sizeof manifest, e) < 0)
			return -1;
		f.manifest = manifest[0] ? manifest : NULL;
		status = fetch_run(b, &f, NULL, e);
		if (status != FETCHER_CONFLICT)
			return status == FETCHER_DONE ? 0 : -1;
		boot_say(b, REPORT_ERROR, "%s", e->text);
		if (countdown_run("trying again", "gives up", ANOTHER_PAUSE_S))
			return -1;
	}
}

/* slate.image= of the server's slate.conf or of the command line: these, by their
 * names in slate/; else the one that root= names. */
static int fetch_images(struct boot *b, struct err *e)
{
	struct image images[BOOT_IMAGES_MAX];
	char url[640], name[256];
	size_t n;

	if (!b->settings.image[0]) {
		if (!span_copy(fetch_name(b->settings.root), name, sizeof name))
			return err_say(e, "root=%s: the name is too long", b->settings.root);
		/* images are found by their endings */
		if (!strstr(name, ".squashfs") && !strstr(name, ".erofs"))
			snprintf(name, sizeof name, "root.squashfs");
		return fetch_image(b, b->settings.root, name, e);
	}
	if (image_list_parse(span_of(b->settings.image), images, &n, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		const char *path = images[i].path;

		if (strncmp(path, "slate/", 6) != 0 || strchr(path + 6, '/'))
			return err_say(e, "slate.image=%s: over the network images are named "
			                  "slate/NAME",
			               path);
		if (fetch_beside(b->settings.root, path + 6, url, sizeof url, e) < 0 ||
		    fetch_image(b, url, path + 6, e) < 0)
			return -1;
	}
	return 0;
}

static int fetch_all(struct boot *b, struct err *e)
{
	if (fetch_small(b, "slate.conf", CONF_MAX, false, e) < 0)
		return -1;
	conf_add_medium(b, b->medium.dir);
	fleet_run(b, e);
	return fetch_images(b, e);
}

int netroot_fetch(struct boot *b, struct err *e)
{
	if (!fetcher_find())
		return err_say(e, "root=%s: this initramfs has no slate-fetch (slate image build puts "
		                  "it in where the command line names a URL)",
		               b->settings.root);
	if (check_url(b->settings.root, e) < 0 || network_up(b, 0, e) < 0 || mount_memory(b, e) < 0)
		return -1;
	snprintf(b->medium.device, sizeof b->medium.device, "network");
	snprintf(b->medium.found.fstype, sizeof b->medium.found.fstype, "tmpfs");
	b->medium.dir = open(PATH_MEDIUM, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (b->medium.dir < 0)
		return err_sys(e, "open " PATH_MEDIUM);
	if (fetch_all(b, e) < 0)
		return -1;
	if (mount(NULL, PATH_MEDIUM, NULL, MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC,
	          NULL) < 0)
		return err_sys(e, "make " PATH_MEDIUM " read-only");
	boot_say(b, REPORT_INFO, "medium: %s, in memory", b->settings.root);
	return 0;
}
