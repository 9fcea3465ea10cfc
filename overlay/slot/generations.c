#include "generations.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../../init/base/fd.h"
#include "../../init/base/names.h"
#include "../../init/base/paths.h"
#include "../../init/base/span.h"

/* The name comes from the command line: one directory below slate/saved. */
static int open_dir(int medium, const char *name)
{
	char path[256];

	if (!*name || *name == '.' || strchr(name, '/') ||
	    snprintf(path, sizeof path, PATH_SAVED "/%s", name) >= (int)sizeof path) {
		errno = EINVAL;
		return -1;
	}
	return fd_open_beneath(medium, path, O_RDONLY | O_DIRECTORY, 0);
}

/* A name without what lbu appends when it encrypts. */
static struct span in_the_clear(const char *name)
{
	struct span s = span_of(name);

	if (span_ends(s, OPENSSLIN_SUFFIX))
		s.len -= sizeof OPENSSLIN_SUFFIX - 1;
	return s;
}

/* The date in "box.20261124100300.tar.gz"; NULL for other names. */
static const char *date_of(const char *name)
{
	enum { DIGITS = 14 };
	const struct span s = in_the_clear(name);
	const size_t tail = sizeof ".tar.gz" - 1;
	const char *date = name + s.len - tail - DIGITS;

	if (s.len < 1 + DIGITS + tail + 1 || !span_ends(s, ".tar.gz") || date[-1] != '.' ||
	    strspn(date, "0123456789") != DIGITS)
		return NULL;
	return date;
}

bool generations_is_backup(const char *name)
{
	return date_of(name) != NULL;
}

static bool is_foreign(const char *name)
{
	return *name != '.' && strlen(name) < sizeof((struct generations *)0)->foreign[0] &&
	       (span_ends(in_the_clear(name), SLOT_SUFFIX) || generations_is_backup(name));
}

/* "box.apkovl.tar.gz.aria-256-cbc": how lbu names what it encrypts by another cipher. */
static bool is_unread(const char *name)
{
	const char *suffix = strstr(name, SLOT_SUFFIX ".");

	return *name != '.' && suffix && strchr(suffix, '-') &&
	       !span_ends(span_of(name), TRUST_SIGNATURE) &&
	       strlen(name) < sizeof((struct generations *)0)->unread;
}

/* Backups after the others, the latest first. */
static int in_order(const void *a, const void *b)
{
	const char *mine = date_of(a), *its = date_of(b);

	if (!mine != !its)
		return mine ? 1 : -1;
	return mine ? strcmp(its, mine) : strcmp(a, b);
}

static int find_foreign(struct generations *g, struct err *e)
{
	struct names names = { 0 };
	int result = names_read(&names, g->medium, e);

	for (size_t i = 0; result == 0 && i < names.n; i++)
		if (is_foreign(names.at[i]) && g->n_foreign < GENERATIONS_FOREIGN_MAX)
			strcpy(g->foreign[g->n_foreign++], names.at[i]);
		else if (is_unread(names.at[i]) && !g->unread[0])
			strcpy(g->unread, names.at[i]);
	names_drop(&names);
	qsort(g->foreign, g->n_foreign, sizeof *g->foreign, in_order);
	return result;
}

int generations_open(struct generations *g, int medium, const char *name, const struct vouch *vouch,
                     struct err *e)
{
	*g = (struct generations){ .medium = -1, .dir = -1, .vouch = vouch };
	g->medium = openat(medium, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (g->medium < 0)
		return err_sys(e, "open the medium");
	g->dir = open_dir(medium, name);
	if (g->dir < 0 && errno != ENOENT)
		return err_sys(e, "open " PATH_SAVED "/%s", name);
	return find_foreign(g, e);
}

int generations_scan(struct generations *g, int medium, const char *name, const struct vouch *vouch,
                     struct err *e)
{
	if (generations_open(g, medium, name, vouch, e) < 0)
		return -1;
	return slotset_scan(g->dir, &g->set, e);
}

void generations_verify(struct generations *g)
{
	slotset_verify_all(g->dir, &g->set, g->vouch);
}

int generations_open_slot(const struct generations *g, const struct slot *slot, int pristine,
                          int *fd, struct archive *out, struct err *e)
{
	*fd = slot_open(g->dir, slot->number, O_RDONLY);
	if (*fd < 0)
		return err_sys(e, "open");
	*out = (struct archive){ .fd = *fd,
		                 .length = SLOT_HEADER + slot->record.payload,
		                 .sealed = true,
		                 .record = slot->record,
		                 .vouch = g->vouch,
		                 .pristine = pristine };
	return 0;
}

int generations_open_foreign(const struct generations *g, const char *path, int pristine, int *fd,
                             struct archive *out, struct err *e)
{
	struct stat st;

	while (*path == '/')
		path++;
	*fd = fd_open_beneath(g->medium, path, O_RDONLY | O_NONBLOCK, 0);
	if (*fd < 0 || fstat(*fd, &st) < 0)
		return err_sys(e, "open");
	if (!S_ISREG(st.st_mode))
		return err_say(e, "not a file");
	*out = (struct archive){ .fd = *fd,
		                 .length = (uint64_t)st.st_size,
		                 .vouch = g->vouch,
		                 .dir = g->medium,
		                 .path = path,
		                 .pristine = pristine };
	out->record.time = st.st_mtime;

	int openssl = opensslin_is(*fd, NULL, e);

	if (openssl < 0)
		return -1;
	out->openssl = openssl > 0;
	return archive_look(out, e);
}

int generations_choose(struct generations *g, uint64_t which, int pristine, struct chosen *out,
                       struct err *e)
{
	const struct slot *slot = which == GENERATION_NEWEST    ? slotset_newest(&g->set)
	                          : which == GENERATION_FOREIGN ? NULL
	                                                        : slotset_find(&g->set, which);
	int result;

	*out = (struct chosen){ .fd = -1 };
	if (slot) {
		snprintf(out->title, sizeof out->title, "generation %llu",
		         (unsigned long long)slot->record.sequence);
		result = generations_open_slot(g, slot, pristine, &out->fd, &out->archive, e);
	} else if (g->n_foreign && (which == GENERATION_NEWEST || which == GENERATION_FOREIGN)) {
		snprintf(out->title, sizeof out->title, "%.63s", g->foreign[0]);
		result = generations_open_foreign(g, g->foreign[0], pristine, &out->fd,
		                                  &out->archive, e);
	} else if (which == GENERATION_NEWEST) {
		return 0;
	} else if ((slot = slotset_untrusted(&g->set, which))) {
		return err_say(e, "generation %llu: %s; it is not trusted",
		               (unsigned long long)which, slot->why);
	} else {
		return err_say(e, "generation %llu is not on the medium",
		               (unsigned long long)which);
	}
	return result < 0 ? err_wrap(e, "%s", out->title) : 1;
}

void generations_drop(struct generations *g)
{
	fd_drop(&g->medium);
	fd_drop(&g->dir);
}
