#include "conf.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "../../overlay/trust/trust.h"
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

/* How far the boot is. */
enum reached { DEVICES, MEDIUM, ROOT };

/* What has had its effect by then. */
static const struct {
	const char *name;
	enum reached by;
} late[] = {
	{ "slate.fleet", DEVICES }, { "blacklist", DEVICES },        { "slate.watchdog", DEVICES },
	{ "root", MEDIUM },         { "rootfstype", MEDIUM },        { "rootflags", MEDIUM },
	{ "findiso", MEDIUM },      { "iso-scan/filename", MEDIUM }, { "slate.image", ROOT },
	{ "slate.verify", ROOT },   { "slate.downgrade", ROOT },
};

static bool comes_too_late(const struct boot *b, struct span name)
{
	enum reached reached = b->root.dir >= 0 ? ROOT : b->medium.dir >= 0 ? MEDIUM : DEVICES;

	for (size_t i = 0; i < sizeof late / sizeof *late; i++)
		if (span_is(name, late[i].name))
			return late[i].by <= reached;
	return false;
}

/* A line of the fleet's file that is refused. */
struct fleet_line {
	struct boot *b;
	size_t i;
};

static void say_line(void *ctx, const char *text)
{
	const struct fleet_line *l = ctx;
	struct fleet *f = &l->b->fleet;

	if (f->refused[l->i])
		return;
	boot_degrade(l->b, "fleet: line %u: %s", f->file.lines[l->i], text);
	f->refused[l->i] = true;
}

/* A line that has been refused once was so for good: what is stricter only grows. */
static void apply_fleet(struct boot *b)
{
	struct span text = span_of(b->fleet.file.conf), line;

	if (!b->fleet.taken)
		return;
	for (size_t i = 0; span_line(&text, &line); i++) {
		struct fleet_line told = { b, i };
		struct settings_warn warn = { say_line, &told };

		if (!b->fleet.refused[i])
			settings_apply(&b->settings, b->fleet.source, line, &warn);
	}
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
	apply_fleet(b);
	apply(b, SETTINGS_CMDLINE, "command line", b->cmdline, fresh);
}

static bool holds_key(const char *folder)
{
	DIR *d = opendir(folder);
	bool found = false;

	/* one that can't be looked into is no reason to do without */
	if (!d)
		return errno != ENOENT;
	for (struct dirent *entry; !found && (entry = readdir(d));)
		found = span_ends(span_of(entry->d_name), ".pub");
	closedir(d);
	return found;
}

void conf_before(struct boot *b)
{
	b->keyed = holds_key(TRUST_KEYS);
	apply_all(b, NULL);
}

int conf_start(struct boot *b, struct err *e)
{
	struct err why;
	ssize_t len = fd_read_file(AT_FDCWD, "/proc/cmdline", b->cmdline, sizeof b->cmdline, e);

	if (len < 0)
		b->cmdline[0] = '\0';
	if (fd_read_file(AT_FDCWD, "/" PATH_CONF, b->initramfs_conf, sizeof b->initramfs_conf,
	                 &why) < 0) {
		if (why.code != ENOENT)
			boot_degrade(b, "initramfs: %s; its settings are not in force", why.text);
		b->initramfs_conf[0] = '\0';
	}
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

/* Only now is it known how far the boot is. */
static void refuse_late(struct boot *b)
{
	struct span text = span_of(b->fleet.file.conf), line;

	for (size_t i = 0; span_line(&text, &line); i++) {
		struct fleet_line told = { b, i };
		struct span name, value;
		struct err why;

		span_cut(line, '=', &name, &value);
		name = span_trim(name);
		if (!comes_too_late(b, name))
			continue;
		err_say(&why,
		        "%.*s: comes too late from here, ignored; the kernel command line is the "
		        "place for it",
		        SPAN_ARGS(name));
		say_line(&told, why.text);
	}
}

void conf_add_fleet(struct boot *b)
{
	refuse_late(b);
	apply_all(b, b->fleet.file.conf);
}
