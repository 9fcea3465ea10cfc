#include "grub.h"

#include "../init/base/bytes.h"
#include "../init/base/fd.h"
#include "medium.h"
#include "menu.h"
#include "shim.h"
#include "tool.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MODULES                                                                                    \
	"part_gpt", "part_msdos", "fat", "ext2", "iso9660", "normal", "configfile", "linux",       \
		"search", "search_label", "search_fs_uuid", "echo", "test", "terminal", "serial",  \
		"halt", "reboot", "loopback", "minicmd", "sleep", "smbios"

/* The first partition of the disk that GRUB itself was started from. */
#define DISK_PREFIX "(,gpt1)/boot/grub"
#define ISO_PREFIX  "/boot/grub"

static const char *const for_bios[] = { "biosdisk", MODULES, NULL };
/* the kernel's console goes on in the frame buffer that GRUB leaves */
static const char *const for_efi[] = { "efi_gop", "efi_uga", "all_video", MODULES, NULL };

int grub_check(struct err *e)
{
	char path[256];

	if (tool_find("grub-mkimage", path, e) == 0 && access(GRUB_BOOT_IMG, R_OK) == 0 &&
	    access("/usr/lib/grub/x86_64-efi/kernel.img", R_OK) == 0)
		return 0;
	return err_say(e, "GRUB is missing: apt-get install grub-common grub-pc-bin grub-efi-amd64-bin; "
	                  "or --no-bootloader, for a disk whose kernel is started from elsewhere");
}

/* On an ISO: finds the file system that this very build is on. */
#define EARLY_ISO "search --no-floppy --fs-uuid --set=root %s\nset prefix=($root)" ISO_PREFIX "\n"
/* On a disk, from its small FAT beside the medium. */
#define EARLY_DISK                                                 \
	"regexp --set=1:disk '(hd[0-9]+)' \"$root\"\nset root=\"$disk,gpt1\"\n" \
	"set prefix=($root)" ISO_PREFIX "\n"
/* A GRUB that has read that goes on with the menu by itself, but for a signed one. */
#define EARLY_GO_ON "configfile $prefix/grub.cfg\n"

static int write_early(const struct plan *p, const char *uuid, char path[static 700], struct err *e)
{
	char text[300];
	int len = snprintf(text, sizeof text, EARLY_ISO, uuid);

	snprintf(path, 700, "%s/early.cfg", p->work);
	return fd_write_file(AT_FDCWD, path, text, (size_t)len, e);
}

static int make_program(const struct plan *p, const char *format, const char *const *modules,
                        const char *uuid, const char *out, struct err *e)
{
	const char *argv[TOOL_ARGS_MAX] = { "grub-mkimage", "-O", format, "-o", out, "-p",
		                            uuid ? ISO_PREFIX : DISK_PREFIX };
	size_t n = 7;
	char early[700];

	if (uuid) {
		if (write_early(p, uuid, early, e) < 0)
			return -1;
		argv[n++] = "-c";
		argv[n++] = early;
	}
	for (; *modules && n < TOOL_ARGS_MAX - 1; modules++)
		argv[n++] = *modules;
	return tool_run(argv, NULL, e);
}

/* With what Debian has signed, where it is to be had: most PCs start nothing else. */
static int stage_efi(const struct plan *p, const char *uuid, const char *folder, struct err *e)
{
	char program[800], early[300];

	if (shim_is_there(p)) {
		snprintf(early, sizeof early, uuid ? EARLY_ISO EARLY_GO_ON : EARLY_DISK EARLY_GO_ON, uuid);
		return shim_stage(p, uuid || p->medium == PLAN_EXT4 ? early : NULL, e);
	}
	snprintf(program, sizeof program, "%s/BOOTX64.EFI", folder);
	return make_program(p, "x86_64-efi", for_efi, uuid, program, e);
}

static int stage_menu(const struct plan *p, const char *name, bool inside_file, struct err *e)
{
	char path[700], text[16384];

	snprintf(path, sizeof path, "%s/medium/boot/grub/%s", p->work, name);
	if (menu_write(text, sizeof text, p, inside_file, e) < 0)
		return -1;
	return fd_write_file(AT_FDCWD, path, text, strlen(text), e);
}

int grub_stage(const struct plan *p, const char *uuid, struct err *e)
{
	char folder[700];

	snprintf(folder, sizeof folder, "%s/medium/boot/grub", p->work);
	if (fd_mkdirs(AT_FDCWD, folder, 0755, e) < 0)
		return -1;
	snprintf(folder, sizeof folder, "%s/esp/EFI/BOOT", p->work);
	if (fd_mkdirs(AT_FDCWD, folder, 0755, e) < 0)
		return -1;
	if (medium_link(p, "boot", "vmlinuz", e) < 0 || medium_link(p, "boot", "initramfs.img", e) < 0 ||
	    stage_menu(p, "grub.cfg", false, e) < 0)
		return -1;
	if (uuid && stage_menu(p, "loopback.cfg", true, e) < 0)
		return -1;
	return stage_efi(p, uuid, folder, e);
}

int grub_stage_bios(const struct plan *p, const char *uuid, struct err *e)
{
	char out[700];

	snprintf(out, sizeof out, "%s/medium/boot/grub/eltorito.img", p->work);
	return make_program(p, "i386-pc-eltorito", for_bios, uuid, out, e);
}

void grub_patch(unsigned char boot[static GRUB_SECTOR], const unsigned char old[static GRUB_SECTOR],
                unsigned char core[static GRUB_SECTOR], uint64_t at)
{
	/* Offsets of GRUB's i386/pc/boot.h: where the sector's number stands, the jump
	 * that trusts the firmware's drive number, the disk's signature and table, and
	 * in the first sector of the rest the list of what follows. */
	enum { NEXT = 0x5c, DRIVE_CHECK = 0x66, SIGNATURE = 0x1b8, END = 0x1fe, LIST = 0x1f4 };

	le64_put(boot + NEXT, at);
	/* some firmware passes a wrong number: a hard disk's is taken instead */
	memset(boot + DRIVE_CHECK, 0x90, 2);
	memcpy(boot + SIGNATURE, old + SIGNATURE, END - SIGNATURE);
	le64_put(core + LIST, at + 1);
}

static int read_whole(const char *path, unsigned char *into, size_t size, size_t *len, struct err *e)
{
	FD_AUTO fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : fd_read_full(fd, into, size);

	if (got < 0)
		return err_sys(e, "read %s", path);
	if (got < GRUB_SECTOR || (size_t)got == size)
		return err_say(e, "%s: of %zd bytes it can't be", path, got);
	*len = (size_t)got;
	return 0;
}

int grub_install_bios(const struct plan *p, const char *disk, uint64_t start, uint64_t room,
                      struct err *e)
{
	static unsigned char core[1 << 20];
	unsigned char boot[GRUB_SECTOR + 1], old[GRUB_SECTOR];
	char path[700];
	size_t len, boot_len;

	snprintf(path, sizeof path, "%s/core.img", p->work);
	if (make_program(p, "i386-pc", for_bios, NULL, path, e) < 0 ||
	    read_whole(path, core, sizeof core, &len, e) < 0 ||
	    read_whole(GRUB_BOOT_IMG, boot, sizeof boot, &boot_len, e) < 0)
		return -1;
	if (len > room)
		return err_say(e, "GRUB for BIOS takes %zu bytes, which its partition has not", len);

	FD_AUTO fd = open(disk, O_RDWR | O_CLOEXEC);

	if (fd < 0 || pread(fd, old, sizeof old, 0) != GRUB_SECTOR)
		return err_sys(e, "read %s", disk);
	grub_patch(boot, old, core, start / GRUB_SECTOR);
	if (pwrite(fd, core, len, (off_t)start) != (ssize_t)len ||
	    pwrite(fd, boot, GRUB_SECTOR, 0) != GRUB_SECTOR)
		return err_sys(e, "write GRUB to %s", disk);
	return 0;
}
