#include "conf.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "../base/fd.h"
#include "../base/paths.h"

struct source {
	const struct boot *b;
	const char *name;
};

static void say_refused(void *ctx, const char *text)
{
	const struct source *source = ctx;

	boot_say(source->b, REPORT_WARNING, "%s: %s", source->name, text);
}

static void apply(struct boot *b, enum settings_source kind, const char *name, const char *text,
                  const char *fresh)
{
	struct source source = { b, name };
	struct settings_warn warn = { say_refused, &source };

	/* what an older source says has been complained about already */
	settings_apply(&b->settings, kind, span_of(text), text == fresh || !fresh ? &warn : NULL);
}

/* `fresh`: the text that was not applied before; NULL: none was. */
static void apply_all(struct boot *b, const char *fresh)
{
	settings_default(&b->settings);
	/* a medium that nobody has verified yet can't lower what a key stands for */
	if (b->keyed) {
		b->settings.verify = VERIFY_REQUIRE;
		b->settings.shell = SHELL_NO;
	}
	apply(b, SETTINGS_IMAGE, "initramfs: " PATH_CONF, b->initramfs_conf, fresh);
	apply(b, SETTINGS_IMAGE, "image: " PATH_CONF, b->root_conf, fresh);
	apply(b, SETTINGS_MEDIUM, "medium: " PATH_MEDIUM_CONF, b->medium_conf, fresh);
	apply(b, SETTINGS_CMDLINE, "command line", b->cmdline, fresh);
}

static bool holds_key(const char *folder)
{
	DIR *d = opendir(folder);
	bool found = false;

	if (!d)
		return false;
	for (struct dirent *entry; !found && (entry = readdir(d));)
		found = span_ends(span_of(entry->d_name), ".pub");
	closedir(d);
	return found;
}

int conf_start(struct boot *b, struct err *e)
{
	struct err ignored;
	ssize_t len = fd_read_file(AT_FDCWD, "/proc/cmdline", b->cmdline, sizeof b->cmdline, e);

	if (len < 0)
		b->cmdline[0] = '\0';
	if (fd_read_file(AT_FDCWD, "/" PATH_CONF, b->initramfs_conf, sizeof b->initramfs_conf,
	                 &ignored) < 0)
		b->initramfs_conf[0] = '\0';
	b->keyed = holds_key("/etc/slate/keys");
	apply_all(b, NULL);
	return len < 0 ? -1 : 0;
}

static void add(struct boot *b, int dir, const char *path, const char *whose, char *text)
{
	FD_AUTO fd = fd_open_in_root(dir, path, O_RDONLY | O_NONBLOCK, 0);

	text[0] = '\0';
	if (fd < 0 && errno == ENOENT)
		return;

	ssize_t len = fd < 0 ? -1 : fd_read_full(fd, text, BOOT_CONF_MAX);

	if (len < 0 || len == BOOT_CONF_MAX) {
		boot_degrade(b, "%s: %s %s; its settings are not in force", whose, path,
		             len < 0 ? strerror(errno) : "is too large");
		text[0] = '\0';
		return;
	}
	text[len] = '\0';
	apply_all(b, text);
}

void conf_add_medium(struct boot *b, int dir)
{
	add(b, dir, PATH_MEDIUM_CONF, "medium", b->medium_conf);
}

void conf_add_root(struct boot *b, int dir)
{
	add(b, dir, PATH_CONF, "image", b->root_conf);
}
