/* settings: every option of the kernel command line and of slate.conf.
 *
 * One table of rows (settings.c) serves the command line, slate/slate.conf on
 * the medium and /etc/slate/slate.conf of the image; see slate.conf(5). The
 * last one wins within a source; the command line beats the fleet's file (slate.fleet=),
 * that beats the medium, the medium
 * beats the image, but a medium can't lower what protects the machine
 * (slate.verify, slate.verify_saved, slate.key, slate.encrypt,
 * slate.shell, slate.harden, slate.downgrade; and with slate.verify=require whatever
 * lets in without a password: init, init_args, slate.autologin, single, failsafe,
 * break; and slate.identity). Nor can a fleet's file that no key of the initramfs has
 * signed; where there is such a key, it may only say what settings_is_harmless has.
 * Text is hostile: bounded, checked, copied.  */
#ifndef BASE_SETTINGS_H
#define BASE_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "span.h"

/* Index 0 of each is "not set": the reader chooses by what else it knows. */
enum setting_verify { VERIFY_UNSET, VERIFY_NO, VERIFY_IF_SIGNED, VERIFY_REQUIRE };
enum setting_toram { TORAM_UNSET, TORAM_NO, TORAM_AUTO, TORAM_LAZY, TORAM_FULL };
enum setting_onyank { ONYANK_UNSET, ONYANK_IGNORE, ONYANK_WARN, ONYANK_REBOOT, ONYANK_POWEROFF };
enum setting_encrypt { ENCRYPT_UNSET, ENCRYPT_NO, ENCRYPT_KEY, ENCRYPT_PASSPHRASE };
enum setting_harden { HARDEN_UNSET, HARDEN_NO, HARDEN_HOTPLUG, HARDEN_STRICT };
enum setting_identity { IDENTITY_UNSET, IDENTITY_NO, IDENTITY_MAKE, IDENTITY_DERIVE };
enum setting_shell { SHELL_UNSET, SHELL_NO, SHELL_LOGIN, SHELL_ROOT };

struct settings {
	char root[512];          /* LABEL=…, UUID=…, PARTLABEL=…, PARTUUID=…, /dev/…, URL */
	char rootfstype[32];
	char rootflags[256];
	char init[256];          /* "": slate-init */
	char init_args[256];
	char ip[128];
	char bootif[32];
	char modules[512];       /* comma list */
	char blacklist[512];     /* comma list */
	char image[1024];        /* PATH[:PATH…], the last on top; "": what the medium holds */
	char findiso[256];
	char overlay[128];       /* "tmpfs:size=50%,inodes=N" */
	char overlay_flags[128]; /* overlaytmpfsflags=: mount options of the tmpfs */
	char apkovl[512];
	char save[512];          /* slate.save= */
	char fleet[512];         /* slate.fleet=URL or medium:PATH: settings by machine */
	char hostname[65];       /* slate.hostname= */
	char zram[16];           /* slate.zram=auto, no, or a size; "": auto */
	char name[65];           /* slate.name=, as typed: {MAC} and the like not yet filled in */
	char key[512];           /* slate.key=DEVICE:PATH, the file of the device's secret */
	char break_stage[16];    /* break=STAGE */
	char autologin[33];      /* slate.autologin=USER: no question on the consoles */
	char critical[256];      /* slate.critical=: comma list of units the machine is worth nothing without */
	uint64_t watchdog_s;     /* slate.watchdog=: unfed for so long, it restarts the machine; 0: not used */
	uint64_t rootwait_s;     /* seconds */
	uint64_t generation;     /* 0: the newest */
	uint64_t older;          /* slate.older=: so many generations before the newest; 0: the newest */
	uint64_t panic_s;        /* panic=: seconds before a failed boot restarts; 0: not set */
	int verify;              /* enum setting_verify */
	int verify_saved;        /* enum setting_verify, of saved configuration */
	int encrypt;             /* enum setting_encrypt */
	int toram;               /* enum setting_toram */
	int onyank;              /* enum setting_onyank */
	int shell;               /* enum setting_shell */
	int harden;              /* enum setting_harden */
	int identity;            /* enum setting_identity */
	bool grow;               /* slate.grow: the medium takes the whole of its disk */
	bool norestore, nosave, failsafe;
	bool downgrade;          /* slate.downgrade: an older signed image may run */
	bool quiet, single;
};

enum settings_source {
	SETTINGS_IMAGE,
	SETTINGS_MEDIUM,
	SETTINGS_FLEET_SIGNED,  /* a fleet's file, signed by a key of the initramfs: as the image */
	SETTINGS_FLEET,         /* where there is no such key: as a medium */
	SETTINGS_FLEET_FOREIGN, /* where there is one, and it has not signed */
	SETTINGS_CMDLINE
};

/* Told of each word that was refused or is not known, as one sentence. */
struct settings_warn {
	void (*say)(void *ctx, const char *text);
	void *ctx;
};

/* What a machine does when nobody says anything. */
void settings_default(struct settings *s);

/* Adds what `text` says: blank-separated words with "quoted" values for
 * SETTINGS_CMDLINE, a line each with # comments for the others. A bad word is
 * told to `warn` and skipped; the rest counts. Of words without our row, only
 * those beginning with "slate." are told, but all of a fleet's file. Returns how many were told. */
int settings_apply(struct settings *s, enum settings_source source, struct span text,
                   const struct settings_warn *warn);

/* May somebody whom nobody vouches for say this to a machine that runs nothing but what
 * is signed? It then neither lets anybody in, nor sends what is saved elsewhere. */
bool settings_is_harmless(struct span name);

/* Writes what differs from the default in slate.conf's format, terminated.
 * 0, or -1 with *e when it does not fit. */
int settings_write(const struct settings *s, char *buf, size_t size, struct err *e);

/* Reads PATH_SETTINGS, as slate-boot left it; the defaults where there is none. 0, or -1
 * with *e, and the defaults: it can't be read. */
int settings_running(struct settings *s, struct err *e);

/* Every name in the table, for the test that the man page has them all. */
const char *settings_key(size_t i); /* NULL past the last */

#endif
