#include "iso.h"

#include "fat.h"
#include "grub.h"
#include "medium.h"
#include "tool.h"
#include "tree.h"

#include <stdio.h>
#include <time.h>

/* The moment of the build is the UUID of an ISO, by which GRUB tells it from
 * another: as xorriso wants it, and as it is read. */
struct moment {
	char option[64], uuid[32];
};

static void moment_now(struct moment *m)
{
	time_t now = time(NULL);
	char date[32];
	struct tm utc;

	gmtime_r(&now, &utc);
	strftime(date, sizeof date, "%Y%m%d%H%M%S00", &utc);
	snprintf(m->option, sizeof m->option, "--modification-date=%s", date);
	strftime(m->uuid, sizeof m->uuid, "%Y-%m-%d-%H-%M-%S-00", &utc);
}

/* The partition that UEFI starts from, as a file that the ISO holds. */
static int stage_esp(const struct plan *p, struct err *e)
{
	char image[700];
	const struct fat fat = { image, 0, GRUB_EFI_MAX_MIB, "EFI", false };

	snprintf(image, sizeof image, "%s/medium/boot/grub/efi.img", p->work);
	if (fat_create(image, GRUB_EFI_MAX_MIB, e) < 0 || fat_make(&fat, e) < 0)
		return -1;
	return medium_copy_esp(p, &fat, e);
}

static int run_xorriso(const struct plan *p, const char *date, const char *out, struct err *e)
{
	char tree[700];
	const char *argv[] = {
		"xorriso", "-as", "mkisofs", "-quiet", "-r", "-iso-level", "3", "-V", p->label, date, "-o", out,
		/* BIOS, from a CD and from a stick */
		"-c", "boot/grub/boot.cat", "-b", "boot/grub/eltorito.img",
		"-no-emul-boot", "-boot-load-size", "4", "-boot-info-table",
		"--grub2-boot-info", "--grub2-mbr", GRUB_HYBRID, "--protective-msdos-label",
		/* UEFI, likewise */
		"--efi-boot", "boot/grub/efi.img", "-efi-boot-part", "--efi-boot-image", tree, NULL
	};

	snprintf(tree, sizeof tree, "%s/medium", p->work);
	return tool_run(argv, NULL, e);
}

int iso_make(const struct plan *p, const char *out, struct err *e)
{
	struct moment m;
	char tree[700];

	moment_now(&m);
	if (medium_stage(p, e) < 0 || grub_stage(p, m.uuid, e) < 0 || grub_stage_bios(p, m.uuid, e) < 0 ||
	    stage_esp(p, e) < 0 || run_xorriso(p, m.option, out, e) < 0)
		return -1;
	snprintf(tree, sizeof tree, "%s/medium", p->work);
	return tree_remove(tree, e);
}
