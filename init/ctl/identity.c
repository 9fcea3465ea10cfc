/* identity: who this machine is, made once: a unit that changes files of the root, and saves
 * nothing. What was made is noted for those that do (keep.c). */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../../overlay/identity/identity.h"
#include "../../overlay/identity/seed.h"
#include "../base/command.h"
#include "../base/fd.h"
#include "../base/paths.h"
#include "../base/settings.h"
#include "tell.h"
#include "verbs.h"

enum { READY_S = 30 };

#define DMI "/sys/class/dmi/id"

/* The supervisor has looked before the name was there. */
static void set_hostname(void)
{
	char text[256], now[256] = "";
	struct err ignored;
	ssize_t len = fd_read_file(AT_FDCWD, "/etc/hostname", text, sizeof text, &ignored);
	struct span name = span_trim((struct span){ text, len < 0 ? 0 : (size_t)len });

	gethostname(now, sizeof now - 1);
	if (now[0] && strcmp(now, "(none)") != 0 && strcmp(now, "localhost") != 0)
		return;
	if (name.len && sethostname(name.at, name.len) < 0)
		tell("set the host's name: %s", strerror(errno));
}

static void choose_maker(struct identity_maker *m, int root, const struct settings *s)
{
	struct err e;

	*m = (struct identity_maker){ .derive = false };
	if (s->identity == IDENTITY_DERIVE && identity_derive_from(m, root, DMI, &e) < 0) {
		*m = (struct identity_maker){ .derive = false };
		tell_degraded("identity: can't be derived: %s; one is made instead", e.text);
	}
}

/* For slate-keep.service. */
static void note_made(const char *made)
{
	struct err e;

	if (fd_write_file(AT_FDCWD, PATH_MADE, made, strlen(made), &e) < 0)
		tell_degraded("identity: %s made, but not saved: %s; the next boot makes others",
		              made, e.text);
}

static void ensure(int root, const struct settings *s)
{
	struct identity_maker m;
	char made[IDENTITY_MADE];
	struct err e;

	choose_maker(&m, root, s);
	if (identity_ensure(root, &m, made, &e) < 0)
		tell_degraded("identity: %s", e.text);
	set_hostname();
	if (made[0] && m.derive)
		tell("identity: %s derived from this machine and the site's secret", made);
	else if (made[0])
		note_made(made);
	sodium_memzero(&m, sizeof m);
}

int ctl_identity(int argc, char **argv)
{
	FD_AUTO root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct settings s;
	struct err e;

	if (argc != 1)
		return tell_usage(argv[0]);
	if (settings_running(&s, &e) < 0)
		return tell_failed(argv[0], &e);
	if (s.identity == IDENTITY_NO)
		return COMMAND_DONE;
	if (access(PATH_OVERLAY, F_OK) < 0) {
		err_say(&e, "this machine has no overlay: it was not booted by slate");
		return tell_failed(argv[0], &e);
	}
	if (root < 0 || !seed_wait_ready(READY_S)) {
		tell_degraded("identity: the random generator was not ready within %d s; none was made",
		              READY_S);
		return COMMAND_DONE;
	}
	ensure(root, &s);
	return COMMAND_DONE;
}
