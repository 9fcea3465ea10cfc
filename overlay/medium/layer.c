#include "layer.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#include "../../init/base/fd.h"
#include "../../init/base/paths.h"
#include "../../init/base/settings.h"
#include "recall.h"

static const char *const hook_dirs[] = { "/etc/slate/hooks", "/usr/lib/slate/hooks",
	                                 PATH_SHIPPED "/hooks", NULL };

/* Whether something is mounted there: another device than the directory above. Where
 * nobody knows it is taken to be: what is not there can't be opened then, but never is
 * something else used in its place. */
static bool is_mounted(const char *path)
{
	char above[256];
	struct stat here, there;

	snprintf(above, sizeof above, "%s/..", path);
	if (stat(path, &here) < 0 || stat(above, &there) < 0)
		return errno != ENOENT;
	return here.st_dev != there.st_dev;
}

void layer_default(struct layer *l)
{
	*l = (struct layer){
		.medium = is_mounted(PATH_SAVE) ? PATH_SAVE : PATH_MEDIUM,
		.upper = PATH_UPPER,
		.pristine = PATH_ROOT,
		.root = "/",
		.lock = PATH_SAVE_LOCK,
		.restored = PATH_RESTORED,
		.known = PATH_KNOWN,
		.keys = PATH_KEYS,
		.trial = PATH_TRIAL,
		.gifts = PATH_GIVEN,
		.hooks = hook_dirs,
		.remount = true,
		.medium_fd = -1,
		.upper_fd = -1,
		.pristine_fd = -1,
		.root_fd = -1,
	};
}

/* Where and how to save. What can't be read is an error: the defaults may be another
 * medium, another name, or in the clear. */
static int find_settings(struct layer *l, struct err *e)
{
	struct settings s;
	int found;

	if (settings_running(&s, e) < 0 || remotefile_read(PATH_REMOTE, &l->remote, e) < 0)
		return -1;
	l->nosave |= s.nosave;
	l->encrypt = s.encrypt;
	l->apkovl = s.apkovl[0] != '\0' && l->remote.state == REMOTE_NONE;
	/* the boot has filled in {MAC} and the like */
	found = *l->name ? 1 : fd_read_value(l->restored, "name", l->name, sizeof l->name, e);
	if (found == 0)
		snprintf(l->name, sizeof l->name, "%s", s.name);
	return found < 0 ? -1 : 0;
}

static int open_dir(int *fd, const char *path, struct err *e)
{
	if (!path)
		return 0;
	*fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return *fd < 0 && errno != ENOENT ? err_sys(e, "open %s", path) : 0;
}

/* What is saved in memory would be gone with it. */
static void leave_memory(struct layer *l)
{
	struct statfs fs;

	if (!l->remount || l->medium_fd < 0 || fstatfs(l->medium_fd, &fs) < 0 ||
	    fs.f_type != TMPFS_MAGIC)
		return;
	l->in_memory = true;
	fd_drop(&l->medium_fd);
}

/* A medium that was let go is had back for as long as this process lives. */
static void get_back(struct layer *l)
{
	if (l->remount && !l->keeps_away && strcmp(l->medium, PATH_MEDIUM) == 0 &&
	    !is_mounted(l->medium))
		l->recalled = recall_medium(l->medium, &l->away) > 0;
}

int layer_open(struct layer *l, struct err *e)
{
	if (find_settings(l, e) < 0)
		return -1;
	get_back(l);
	if (vouch_running(&l->vouch, l->keys, e) < 0)
		return -1;
	if (l->remount && !is_mounted(l->medium))
		l->medium_fd = -1;
	else if (open_dir(&l->medium_fd, l->medium, e) < 0)
		return -1;
	leave_memory(l);
	if (open_dir(&l->upper_fd, l->upper, e) < 0 ||
	    open_dir(&l->pristine_fd, l->pristine, e) < 0)
		return -1;
	if (given_read(&l->given, l->gifts, l->upper_fd, e) < 0)
		return -1;
	return open_dir(&l->root_fd, l->root, e);
}

int layer_need_medium(const struct layer *l, struct err *e)
{
	if (l->medium_fd >= 0)
		return 0;
	if (l->in_memory)
		return err_say(e, "the medium of this machine is in memory, its root came over the "
		                  "network; slate.save= says where to save; nothing was changed");
	if (l->away.text[0])
		return err_say(e, "%s", l->away.text);
	return err_say(e, "no medium is mounted on %s; nothing was read or written", l->medium);
}

int layer_need_overlay(const struct layer *l, struct err *e)
{
	if (l->upper_fd >= 0 && l->pristine_fd >= 0)
		return 0;
	return err_say(e, "this machine has no overlay (%s): it was not booted by slate", l->upper);
}

int layer_generations(const struct layer *l, struct generations *g, struct err *e)
{
	*g = (struct generations){ .medium = -1, .dir = -1 };
	if (layer_need_medium(l, e) < 0 || generations_scan(g, l->medium_fd, l->name, &l->vouch, e) < 0)
		return -1;
	generations_verify(g);
	return 0;
}

int layer_choose(const struct layer *l, uint64_t which, struct generations *g, struct chosen *chosen,
                 struct err *e)
{
	if (layer_generations(l, g, e) < 0)
		return -1;
	return generations_choose(g, which, l->pristine_fd, chosen, e);
}

void layer_close(struct layer *l)
{
	fd_drop(&l->medium_fd);
	fd_drop(&l->upper_fd);
	fd_drop(&l->pristine_fd);
	fd_drop(&l->root_fd);
	given_drop(&l->given);
}
