#include "shim.h"

#include "../init/base/fd.h"
#include "kernel.h"
#include "tool.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Packages shim-signed, grub-efi-amd64-signed, shim-helpers-amd64-signed. */
static const struct {
	const char *from, *to;
} programs[] = {
	{ "usr/lib/shim/shimx64.efi.signed", "BOOTX64.EFI" },
	{ "usr/lib/grub/x86_64-efi-signed/gcdx64.efi.signed", "grubx64.efi" },
	{ "usr/lib/shim/mmx64.efi.signed", "mmx64.efi" },
};
enum { PROGRAMS = sizeof programs / sizeof *programs };

static bool find(const struct plan *p, size_t i, char path[static 700])
{
	const char *const places[] = { p->parts.loaders, "" };

	for (size_t at = 0; at < 2; at++) {
		if (at == 0 && !places[at][0])
			continue;
		snprintf(path, 700, "%s/%s", places[at], programs[i].from);
		if (access(path, R_OK) == 0)
			return true;
	}
	return false;
}

bool shim_is_there(const struct plan *p)
{
	char path[700];

	for (size_t i = 0; i < PROGRAMS; i++)
		if (!find(p, i, path))
			return false;
	return true;
}

bool shim_starts(const struct plan *p)
{
	return shim_is_there(p) && kernel_is_signed(p->kernel);
}

static int copy(const char *from, const char *to, struct err *e)
{
	const char *argv[] = { "cp", "-L", "--", from, to, NULL };

	return tool_run(argv, NULL, e);
}

static int stage_early(const struct plan *p, const char *early, struct err *e)
{
	char path[700];

	snprintf(path, sizeof path, "%s/esp/boot/grub", p->work);
	if (fd_mkdirs(AT_FDCWD, path, 0755, e) < 0)
		return -1;
	snprintf(path, sizeof path, "%s/esp/boot/grub/grub.cfg", p->work);
	return fd_write_file(AT_FDCWD, path, early, strlen(early), e);
}

int shim_stage(const struct plan *p, const char *early, struct err *e)
{
	for (size_t i = 0; i < PROGRAMS; i++) {
		char from[700], to[700];

		if (!find(p, i, from))
			return err_say(e, "%s is missing", from);
		snprintf(to, sizeof to, "%s/esp/EFI/BOOT/%s", p->work, programs[i].to);
		if (copy(from, to, e) < 0)
			return -1;
	}
	return early ? stage_early(p, early, e) : 0;
}
