/* slate sysctl: writes the kernel's settings, as units: those of the network apart from
 * the others, so that neither unit may change what the other is for. */
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../base/command.h"
#include "../base/fd.h"
#include "../base/hardened.h"
#include "../base/paths.h"
#include "../base/sysctl.h"
#include "tell.h"
#include "verbs.h"

/* reads more places, and works by itself */
#define SYSTEMD "/usr/lib/systemd/systemd-sysctl"

static void apply_file(const char *path, bool net)
{
	static char text[65536];
	struct sysctl_line line;
	struct err e;
	ssize_t len = fd_read_file(AT_FDCWD, path, text, sizeof text, &e);
	struct span rest = { text, len < 0 ? 0 : (size_t)len };

	if (len < 0 && !fd_is_absent(e.code))
		tell("%s", e.text);
	while (sysctl_next(&rest, &line)) {
		if (sysctl_is_net(line.name) != net)
			continue;
		if (!line.value.at)
			tell("%s: not NAME = VALUE: %.*s", path, SPAN_ARGS(line.name));
		else if (sysctl_set(line.name, line.value, &e) < 0 && !line.optional)
			tell("%s: %s", path, e.text);
	}
}

static void apply_files(bool net)
{
	glob_t found;

	if (glob("/etc/sysctl.d/*.conf", 0, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc; i++)
			apply_file(found.gl_pathv[i], net);
		globfree(&found);
	}
	apply_file("/etc/sysctl.conf", net);
}

static bool is_net(const struct hardening_row *row)
{
	return row->kind == HARDENING_SYSCTL && sysctl_is_net(span_of(row->name));
}

static bool is_no_net(const struct hardening_row *row)
{
	return row->kind == HARDENING_SYSCTL && !sysctl_is_net(span_of(row->name));
}

static int apply_hardening(bool net)
{
	static struct hardening h;
	enum setting_harden profile = hardening_profile();
	struct err e = { 0 };
	int read;

	if (profile == HARDEN_UNSET)
		return COMMAND_DONE;
	read = hardening_load(profile, &h, &e);
	/* a slip in the tables is told once, by slate-harden-end */
	return tell_hardened(&h, net ? is_net : is_no_net) < 0 || read < 0 ? COMMAND_FAILED
	                                                                   : COMMAND_DONE;
}

int ctl_sysctl(int argc, char **argv)
{
	bool net = argc == 2 && strcmp(argv[1], "net") == 0;

	if (argc != 2 || (!net && strcmp(argv[1], "kernel") != 0))
		return tell_usage(argv[0]);
	if (access(SYSTEMD, F_OK) < 0)
		apply_files(net);
	return apply_hardening(net);
}
