#include "fleet.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../overlay/trust/trust.h"
#include "../base/child.h"
#include "../base/clock.h"
#include "../base/fd.h"
#include "../base/paths.h"
#include "card.h"
#include "conf.h"
#include "console.h"
#include "fetch.h"
#include "machine.h"
#include "netroot.h"
#include "network.h"
#include "stage.h"

#define MEDIUM "medium:"
#define NAME   "fleet.ini" /* in PATH_RUN, while it is read */

enum { READ_MS = 60000, CARD_MS = 5000, MEMORY = 16 << 20 };

static bool is_on_medium(const char *text)
{
	return strncmp(text, MEDIUM, sizeof MEDIUM - 1) == 0;
}

/* --- Who this machine is --- */

static void find_hostname(const struct boot *b, char *out, size_t size)
{
	struct ipspec spec;
	struct err ignored;

	if (ipspec_parse(span_of(b->settings.ip), &spec, &ignored) < 0)
		spec.hostname[0] = '\0';
	snprintf(out, size, "%s",
	         b->settings.hostname[0] ? b->settings.hostname
	         : b->lease.hostname[0]  ? b->lease.hostname
	                                 : spec.hostname);
}

static void identify(const struct boot *b, struct fleetfile_machine *m)
{
	struct card cards[CARDS_MAX];
	struct machine machine = { 0 };

	*m = (struct fleetfile_machine){ .n_macs = cards_read(cards) };
	_Static_assert((int)CARDS_MAX <= (int)FLEETFILE_MACS_MAX, "each card has its place");
	for (size_t i = 0; i < m->n_macs; i++)
		memcpy(m->macs[i], cards[i].mac, sizeof m->macs[i]);
	machine_read(&machine, "{SERIAL}", "");
	memcpy(m->serial, machine.serial, sizeof m->serial);
	find_hostname(b, m->hostname, sizeof m->hostname);
}

static void say_who(const struct boot *b, const struct fleetfile_machine *m)
{
	char macs[300] = "none";
	size_t used = 0;

	for (size_t i = 0; i < m->n_macs && used < sizeof macs; i++)
		used += (size_t)snprintf(macs + used, sizeof macs - used, "%s%s", i ? ", " : "",
		                         m->macs[i]);
	boot_say(b, REPORT_ERROR,
	         "fleet: this machine: network cards (MAC) %s; serial number %s; host name %s",
	         macs, m->serial[0] ? m->serial : "none",
	         m->hostname[0] ? m->hostname : "none yet");
}

void fleet_wait(const struct boot *b, unsigned failures, const struct err *why)
{
	unsigned pause_s = fetcher_pause_s(failures);
	struct fleetfile_machine m;

	identify(b, &m);
	boot_say(b, REPORT_ERROR, "fleet: %s", why->text);
	say_who(b, &m);
	boot_say(b, REPORT_ERROR,
	         "fleet: in maintenance: give %s a section for this machine, such as [%s], or mend "
	         "what is said above; the boot then goes on by itself; trying again in %u s",
	         b->settings.fleet, m.n_macs ? m.macs[0] : "default", pause_s);
	countdown_run("fleet: reading it again", "reads it now", pause_s);
}

/* --- The file --- */

int fleet_place(const struct boot *b, const char *from, char *out, struct err *e)
{
	const char *fleet = b->settings.fleet, *slash = strrchr(fleet, '/');
	int len;

	if (fetcher_is_url(from) || is_on_medium(from))
		len = snprintf(out, FLEET_URL_MAX, "%s",
		               fetcher_is_url(from) ? from : from + sizeof MEDIUM - 1);
	else if (fetcher_is_url(fleet))
		return fetch_beside(fleet, from, out, FLEET_URL_MAX, e) < 0 ? -1 : true;
	else
		len = snprintf(out, FLEET_URL_MAX, "%.*s%s",
		               slash ? (int)(slash + 1 - fleet) - (int)(sizeof MEDIUM - 1) : 0,
		               slash ? fleet + sizeof MEDIUM - 1 : "", from);
	if (len < 0 || len >= FLEET_URL_MAX)
		return err_say(e, "%.60s…: the name is too long", from);
	return fetcher_is_url(from);
}

int fleet_fetch(struct boot *b, const char *url, const char *name, uint64_t max, struct err *e)
{
	char to[128];
	struct fetch f = { .what = "fleet", .url = url, .to = to, .max = max };

	snprintf(to, sizeof to, PATH_RUN "/%s", name);
	unlink(to);

	enum fetcher_status status = fetch_run(b, &f, NULL, e);

	if (status == FETCHER_DONE)
		return 1;
	unlink(to);
	return status == FETCHER_MISSING ? 0 : -1;
}

static int fetch_from_server(struct boot *b, struct err *e)
{
	char url[FLEET_URL_MAX];
	int found;

	if (!fetcher_find())
		return err_say(e, "slate.fleet=%s: this initramfs has no slate-fetch (slate image "
		                  "build puts it in where the command line names a URL)",
		               b->settings.fleet);
	if (network_up(b, 0, e) < 0)
		return -1;
	/* a signature first: of a file that is replaced meanwhile it is the wrong one */
	snprintf(url, sizeof url, "%s" TRUST_SIGNATURE, b->settings.fleet);
	unlink(PATH_RUN "/" NAME TRUST_SIGNATURE);
	if (b->keyed && fleet_fetch(b, url, NAME TRUST_SIGNATURE, MINISIGN_FILE_MAX - 1, e) < 0)
		return -1;
	found = fleet_fetch(b, b->settings.fleet, NAME, FLEETFILE_MAX - 1, e);
	return found > 0 ? 0 : -1;
}

struct reading {
	const struct fleetfile_machine *machine;
	int dir;
	const char *path; /* below it */
	bool keyed;
};

struct result {
	struct fleetfile file;
	bool is_signed;
};

_Static_assert(sizeof(struct result) <= CHILD_OUT_MAX, "what a file says fits in a reply");

/* A signature that is there must be right: whoever made it wanted it looked at. */
static int check_signature(const struct reading *r, struct span text, struct result *out,
                           struct err *e)
{
	char beside[TRUST_PATH_MAX];
	struct trust t = { .n = 0 };
	int len = snprintf(beside, sizeof beside, "%s" TRUST_SIGNATURE, r->path);

	if (len < 0 || (size_t)len >= sizeof beside)
		return err_say(e, "its name is too long for a signature beside it");
	if (!r->keyed || !trust_is_there(r->dir, beside))
		return 0;
	if (trust_read_keys(&t, TRUST_KEYS, e) < 0 || trust_check_text(&t, r->dir, beside, text, e) < 0)
		return err_wrap(e, "signature");
	out->is_signed = true;
	return 0;
}

static int read_file(void *arg, void *to, struct err *e)
{
	const struct reading *r = arg;
	struct result *out = to;
	FD_AUTO fd = fd_open_beneath(r->dir, r->path, O_RDONLY | O_NONBLOCK, 0);
	char *text = malloc(FLEETFILE_MAX);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_sys(e, "open");
	if (!S_ISREG(st.st_mode))
		return err_say(e, "not a file");

	ssize_t len = text ? fd_read_full(fd, text, FLEETFILE_MAX) : -1;

	if (len < 0)
		return err_sys(e, "read");
	if (len == FLEETFILE_MAX)
		return err_say(e, "more than %d KiB", FLEETFILE_MAX >> 10);
	if (check_signature(r, (struct span){ text, (size_t)len }, out, e) < 0)
		return -1;
	return fleetfile_decode((struct span){ text, (size_t)len }, r->machine, &out->file, e);
}

static int decode(const struct boot *b, int dir, const char *path, struct result *out,
                  struct err *e)
{
	const struct child_limits limits = { clock_now_ms() + READ_MS, MEMORY, CHILD_READS, -1 };
	struct fleetfile_machine machine;
	struct reading r = { &machine, dir, path, b->keyed };

	identify(b, &machine);
	if (child_call(read_file, &r, out, sizeof *out, &limits, e) < 0)
		return err_wrap(e, "%s", b->settings.fleet);
	return 0;
}

static int read_from_server(struct boot *b, struct result *out, struct err *e)
{
	FD_AUTO dir = open(PATH_RUN, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0)
		return err_sys(e, "open " PATH_RUN);
	if (fetch_from_server(b, e) < 0)
		return -1;

	int result = decode(b, dir, NAME, out, e);

	unlink(PATH_RUN "/" NAME);
	unlink(PATH_RUN "/" NAME TRUST_SIGNATURE);
	return result;
}

static int read_from_medium(struct boot *b, struct result *out, struct err *e)
{
	const char *path = b->settings.fleet + sizeof MEDIUM - 1;

	if (netroot_is_wanted(b))
		return err_say(e, "slate.fleet=%s: the medium is on a server: give the URL",
		               b->settings.fleet);
	network_wait_card(b, CARD_MS);
	return decode(b, b->medium.dir, path + strspn(path, "/"), out, e);
}

int fleet_read(struct boot *b, struct fleetfile *out, enum settings_source *source, struct err *e)
{
	static struct result found;
	int result;

	if (fetcher_is_url(b->settings.fleet))
		result = read_from_server(b, &found, e);
	else if (is_on_medium(b->settings.fleet))
		result = read_from_medium(b, &found, e);
	else
		result = err_say(e, "slate.fleet=%s: neither http://, https:// nor " MEDIUM "PATH",
		                 b->settings.fleet);
	if (result < 0)
		return -1;
	if (!found.file.matched)
		return err_say(e, "%s has no section for this machine", b->settings.fleet);
	*out = found.file;
	*source = !b->keyed         ? SETTINGS_FLEET
	          : found.is_signed ? SETTINGS_FLEET_SIGNED
	                            : SETTINGS_FLEET_FOREIGN;
	return 0;
}

/* --- What it says --- */

/* Modules that it names are loaded now, and an address that it gives is taken. */
static void follow(struct boot *b, const struct settings *before)
{
	struct err e;

	if (strcmp(before->modules, b->settings.modules) != 0 &&
	    modules_load_list(&b->modules, b->settings.modules, &e) < 0)
		boot_degrade(b, "fleet: modules=: %s", e.text);
	if (!b->connected || strcmp(before->ip, b->settings.ip) == 0 ||
	    !network_is_asked(&b->settings))
		return;
	b->connected = false;
	if (network_up(b, clock_now_ms() + b->settings.rootwait_s * 1000, &e) < 0)
		boot_degrade(b, "fleet: ip=%s: %s", b->settings.ip, e.text);
}

static void take(struct boot *b)
{
	const struct settings before = b->settings;
	struct fleet *f = &b->fleet;

	f->taken = true;
	conf_add_fleet(b);
	if (f->source == SETTINGS_FLEET_FOREIGN && f->file.n_files) {
		boot_degrade(b,
		             "fleet: line %u: files=: only a signed file may give some to a machine "
		             "with a key, ignored",
		             f->file.files[0].line);
		f->file.n_files = 0;
	}
	follow(b, &before);
	boot_say(b, REPORT_INFO, "fleet: %zu settings and %zu files from %s%s", f->file.n_lines,
	         f->file.n_files, b->settings.fleet,
	         f->source == SETTINGS_FLEET_SIGNED ? ", signed" : "");
}

int fleet_run(struct boot *b, struct err *e)
{
	const char *fleet = b->settings.fleet;
	struct fleet *f = &b->fleet;

	if (!fleet[0] || f->taken || (!fetcher_is_url(fleet) && b->medium.dir < 0))
		return STAGE_WAS_SKIPPED;
	for (unsigned failures = 0; fleet_read(b, &f->file, &f->source, e) < 0; failures++)
		fleet_wait(b, failures, e);
	take(b);
	return 0;
}
