/* plan: what `slate image build` was asked to make.
 *
 * Filled from the command's arguments by plan_parse, which checks everything
 * that can be known before work begins; the steps only read it.  */
#ifndef IMAGE_PLAN_H
#define IMAGE_PLAN_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "../init/base/err.h"
#include "parts.h"
#include "personal.h"
#include "tarball.h"

enum plan_fs { PLAN_FS_UNSET, PLAN_SQUASHFS, PLAN_EROFS };
enum plan_medium { PLAN_MEDIUM_UNSET, PLAN_FAT, PLAN_EXT4 };
enum plan_type { PLAN_TYPE_UNSET, PLAN_DISK, PLAN_ISO, PLAN_NETBOOT };

struct plan {
	/* as given */
	char root[512], kernel[512], modules[512], out[512]; /* full paths */
	char cmdline[2048];
	char label[17];
	int fs;                 /* enum plan_fs */
	int medium;             /* enum plan_medium; of a disk, unset until its images are made */
	int type;               /* enum plan_type */
	uint64_t size_mib;      /* of disk.img; 0: what fits with room to spare */
	uint64_t slots;         /* save slots made beforehand */
	uint64_t slot_mib;      /* of each */
	char sign[512], key[512]; /* secret and public key of minisign; "": none */
	char secure_boot[512], secure_boot_cert[512]; /* key and certificate of uki.h; "": GRUB starts it */
	char image_name[65];    /* of what is signed, and its version */
	uint64_t image_version;
	int harden;             /* enum setting_harden */
	bool all_drivers;
	bool apparmor;          /* compile the root's profiles into the initramfs */
	bool grow;              /* of a disk: it becomes as large as what it is written to */
	bool no_bootloader;     /* a disk whose kernel comes from elsewhere */

	/* found */
	char archive[512];      /* --root, where it is one; `root` is then what was seen of it */
	struct tarball tarball; /* and what else */
	struct personal personal; /* of the root: left out of its image */
	struct parts parts;
	char release[128];      /* of the kernel; the name of the modules folder */
	char name[65];          /* whose slots: slate.name of the command line, or "default" */
	char extra_modules[512]; /* modules= of the command line */
	char harden_words[1280]; /* of the command line, for that profile; "": none */
	char work[540];         /* the folder that things are made in, inside `out` */
	bool network;           /* its boots need cards and slate-fetch */
	bool nfs_root, nbd_root; /* and what such a root= takes */
	bool lacks_modules;     /* the root has no modules of this kernel */
	unsigned
		memory_mib; /* the least it starts with, once the initramfs is made; 0: not known */
	char outgrown[64];      /* the image that FAT is too small for, where it decided; "" */
};

/* Where the compiled profiles are, in `work`. */
#define PLAN_APPARMOR "apparmor"

/* -1 with *e when the arguments make no sense, with *usage set when they were
 * not even understood. argv[0] is the verb. */
int plan_parse(struct plan *p, int argc, char **argv, bool *usage, struct err *e);

/* Looks at p->root: in plan_parse, but for an archive, which is to be read first. */
void plan_look_at_root(struct plan *p);

/* A line for each option, with what it means. */
void plan_usage(FILE *to);
/* Every option's name, for the test that all are told; NULL past the last. */
const char *plan_option(size_t i);

/* "root.squashfs" or "root.erofs". */
const char *plan_root_name(const struct plan *p);
/* "modules.squashfs" or "modules.erofs": the image of them, where p->lacks_modules. */
const char *plan_modules_name(const struct plan *p);
/* "squashfs" or "erofs". */
const char *plan_fs_name(const struct plan *p);
/* "disk.img" or "disk.iso"; of a netboot "", no medium. */
const char *plan_medium_name(const struct plan *p);

/* Does GRUB start it, on BIOS and UEFI? Else uki.h's program does, or nothing on it. */
bool plan_has_grub(const struct plan *p);

#define PLAN_CMDLINE_MAX 3392
/* The command line to boot with: as given, with a root= where it has none, and with
 * the words of --harden. */
void plan_cmdline(const struct plan *p, char text[static PLAN_CMDLINE_MAX]);

#endif
