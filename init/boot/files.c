#include "files.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../overlay/slot/archive.h"
#include "../../overlay/slot/single.h"
#include "../../overlay/trust/trust.h"
#include "../base/fd.h"
#include "../base/paths.h"
#include "console.h"
#include "fetch.h"
#include "fleet.h"
#include "giving.h"
#include "network.h"
#include "rescue.h"
#include "stage.h"

enum { RESTART_S = 60, NAME_MAX_LEN = 32 };

/* One that is brought and open. */
struct item {
	const struct fleetfile_put *put;
	char name[FLEET_URL_MAX]; /* below `dir` */
	int dir;                  /* borrowed */
	int fd;                   /* owned */
	uint64_t length;          /* bytes */
};

struct putting {
	struct boot *b;
	struct vouch vouch;
	struct item items[FLEETFILE_FILES_MAX];
	size_t n;
	int run; /* PATH_RUN, owned */
};

/* On a machine that runs nothing but what is signed, as strict as for its image;
 * elsewhere as for saved configuration. */
static int choose_vouch(const struct boot *b, struct vouch *v, struct err *e)
{
	*v = (struct vouch){ .policy = VERIFY_REQUIRE };
	if (trust_read_keys(&v->keys, b->keyed ? TRUST_KEYS : PATH_KEYS, e) < 0)
		return -1;
	if (!b->keyed)
		v->policy = vouch_policy(b->settings.verify_saved, b->settings.key[0],
		                         v->keys.n > 0);
	return 0;
}

/* --- Bringing them --- */

static int fetch_item(struct putting *p, struct item *item, const char *url, struct err *e)
{
	char beside[NAME_MAX_LEN + sizeof TRUST_SIGNATURE];
	char signature[FLEET_URL_MAX + sizeof TRUST_SIGNATURE];

	snprintf(item->name, NAME_MAX_LEN, "fleet-%zu", p->n);
	snprintf(beside, sizeof beside, "%.31s" TRUST_SIGNATURE, item->name);
	snprintf(signature, sizeof signature, "%s" TRUST_SIGNATURE, url);
	item->dir = p->run;
	if (network_up(p->b, 0, e) < 0)
		return -1;
	if (p->vouch.policy != VERIFY_NO && fleet_fetch(p->b, signature, beside, 0, e) < 0)
		return -1;
	return fleet_fetch(p->b, url, item->name, 0, e) > 0 ? 0 : -1;
}

static int open_item(struct putting *p, struct item *item, struct err *e)
{
	char place[FLEET_URL_MAX];
	struct stat st;
	int remote = fleet_place(p->b, item->put->from, place, e);

	if (remote < 0 || (remote && fetch_item(p, item, place, e) < 0))
		return -1;
	if (!remote) {
		item->dir = p->b->medium.dir;
		strcpy(item->name, place + strspn(place, "/"));
	}
	item->fd = fd_open_beneath(item->dir, item->name, O_RDONLY | O_NONBLOCK, 0);
	if (item->fd < 0 || fstat(item->fd, &st) < 0)
		return err_sys(e, "open");
	if (!S_ISREG(st.st_mode))
		return err_say(e, "not a file");
	item->length = (uint64_t)st.st_size;
	return 0;
}

static void drop(struct putting *p)
{
	char name[NAME_MAX_LEN + sizeof TRUST_SIGNATURE];

	for (size_t i = 0; i < p->n; i++) {
		fd_drop(&p->items[i].fd);
		snprintf(name, sizeof name, "fleet-%zu", i);
		unlinkat(p->run, name, 0);
		snprintf(name, sizeof name, "fleet-%zu" TRUST_SIGNATURE, i);
		unlinkat(p->run, name, 0);
	}
	p->n = 0;
}

/* --- Putting them --- */

static struct archive archive_of(const struct putting *p, const struct item *item)
{
	return (struct archive){ .fd = item->fd,
		                 .length = item->length,
		                 .vouch = &p->vouch,
		                 .dir = item->dir,
		                 .path = item->name,
		                 .pristine = p->b->root.dir };
}

static struct single single_of(const struct putting *p, const struct item *item)
{
	return (struct single){ .fd = item->fd,
		                .length = item->length,
		                .to = item->put->to,
		                .vouch = &p->vouch,
		                .dir = item->dir,
		                .path = item->name,
		                .pristine = p->b->root.dir };
}

static int check_item(const struct putting *p, const struct item *item, struct err *e)
{
	const struct archive archive = archive_of(p, item);
	const struct single single = single_of(p, item);
	struct archive_outcome outcome;

	return item->put->to[0] ? single_check(&single, e) : archive_validate(&archive, &outcome, e);
}

static int put_item(const struct putting *p, const struct item *item, struct err *e)
{
	const struct sink told = { giving_member, p->b };
	const struct single single = single_of(p, item);
	struct archive archive = archive_of(p, item);
	struct archive_outcome outcome = { 0 };

	if (item->put->to[0]) {
		giving_note(p->b, item->put->to);
		return single_put(&single, p->b->sysroot, e);
	}
	archive.told = &told;
	if (archive_extract(&archive, p->b->sysroot, NULL, &outcome, e) < 0)
		return -1;
	if (outcome.skipped[0])
		boot_degrade(p->b, "fleet: %s: attribute %s can't be kept on this kernel",
		             item->put->from, outcome.skipped);
	return 0;
}

static int name_item(const struct fleetfile_put *put, struct err *e)
{
	return err_wrap(e, "line %u: files=%s", put->line, put->from);
}

/* Brings and checks all; nothing is written to the root. */
static int gather(struct putting *p, struct err *e)
{
	const struct fleetfile *file = &p->b->fleet.file;

	if (choose_vouch(p->b, &p->vouch, e) < 0)
		return -1;
	for (size_t i = 0; i < file->n_files; i++) {
		struct item *item = &p->items[i];

		*item = (struct item){ .put = &file->files[i], .dir = -1, .fd = -1 };
		if (open_item(p, item, e) < 0 || check_item(p, item, e) < 0) {
			fd_drop(&item->fd);
			return name_item(item->put, e);
		}
		p->n++;
	}
	return 0;
}

/* A root that is half made is not for anybody, and how far it came nobody knows. */
static void put_all(struct putting *p)
{
	struct err e;

	p->b->fresh = false;
	for (size_t i = 0; i < p->n; i++) {
		if (put_item(p, &p->items[i], &e) == 0)
			continue;
		name_item(p->items[i].put, &e);
		boot_say(p->b, REPORT_ERROR,
		         "fleet: %s; the new root is half made, so the boot starts over in %d s",
		         e.text, RESTART_S);
		countdown_run("restart", "restarts now", RESTART_S);
		rescue_restart(p->b);
	}
}

/* What the file says now may be other settings, too: these want a boot of their own. */
static void look_again(struct boot *b)
{
	static struct fleetfile now;
	enum settings_source source;
	struct err ignored;

	if (fleet_read(b, &now, &source, &ignored) < 0 ||
	    (fleetfile_same(&now, &b->fleet.file) && source == b->fleet.source))
		return;
	boot_say(b, REPORT_ERROR, "fleet: %s says something else now: starting over with it",
	         b->settings.fleet);
	rescue_restart(b);
}

static void put_files(struct boot *b)
{
	static struct putting p;
	struct err e;

	p = (struct putting){ .b = b, .run = open(PATH_RUN, O_RDONLY | O_DIRECTORY | O_CLOEXEC) };
	for (unsigned failures = 0; gather(&p, &e) < 0; failures++) {
		drop(&p);
		fleet_wait(b, failures, &e);
		look_again(b);
	}
	put_all(&p);
	boot_say(b, REPORT_INFO, "fleet: %zu files and archives are in the root", p.n);
	drop(&p);
	fd_drop(&p.run);
}

/* --- The name --- */

bool files_hostname_is_good(const char *name)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	                           "0123456789-.";

	return name[0] && name[0] != '-' && name[0] != '.' && strlen(name) <= 64 &&
	       name[strspn(name, good)] == '\0';
}

static int write_hostname(struct boot *b, struct err *e)
{
	const char *name = b->settings.hostname;
	char text[sizeof b->settings.hostname + 1];
	int len = snprintf(text, sizeof text, "%s\n", name);

	if (!files_hostname_is_good(name))
		return err_say(e, "slate.hostname=%s: letters, digits, - and . are a host's name",
		               name);

	giving_note(b, "etc/hostname");

	FD_AUTO fd = fd_open_in_root(b->sysroot, "etc/hostname", O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd < 0 || fd_write_full(fd, text, (size_t)len) < 0)
		return err_sys(e, "slate.hostname=%s: write /etc/hostname", name);
	return 0;
}

int files_run(struct boot *b, struct err *e)
{
	bool named = b->settings.hostname[0];

	if (b->fleet.file.n_files == 0 && !named)
		return STAGE_WAS_SKIPPED;
	if (b->sysroot < 0)
		return err_say(e, "there is no root to put them into");
	if (b->fleet.file.n_files)
		put_files(b);
	return named ? write_hostname(b, e) : 0;
}
