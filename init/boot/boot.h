/* boot: everything that a boot has found so far; one value, owned by main.
 *
 * Each stage adds its part and reads those of earlier stages. Devices are named
 * as below /dev ("vda1"); descriptors are -1 until their stage has run.  */
#ifndef BOOT_BOOT_H
#define BOOT_BOOT_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "../../overlay/identity/statefile.h"
#include "../../overlay/restore/restore.h"
#include "../base/report.h"
#include "../base/settings.h"
#include "../base/watchdog.h"
#include "aliases.h"
#include "dmverity.h"
#include "fleetfile.h"
#include "lease.h"
#include "modules.h"
#include "nbd.h"
#include "probe.h"
#include "rootspec.h"

#define BOOT_STAGES_MAX  24
#define BOOT_IMAGES_MAX  16
#define BOOT_DEVICES_MAX 128
#define BOOT_CONF_MAX    8192

#define PATH_SYSROOT "/sysroot"          /* the new root, in the initramfs */
#define PATH_IMAGES  "/run/slate/images" /* N: where one of several images is mounted */

struct device {
	char name[DEVICE_NAME_MAX];
	bool partition;
	bool probed;
	bool searched; /* for the file of findiso= */
	struct probed found;
};

struct medium {
	char device[DEVICE_NAME_MAX]; /* "": not found yet */
	char plugged[DEVICE_NAME_MAX]; /* what disappears when it is pulled out */
	char options[600];             /* it was mounted with */
	struct probed found;
	int dir; /* its mounted file system, owned */
};

struct image {
	char path[256]; /* on the medium; "": the medium itself */
	char fstype[20];
	char loop[32]; /* "loop0"; "": none */
	uint64_t size; /* bytes */
	bool verified; /* it is mounted through dm-verity: these are filled in */
	struct verity verity;
	struct dmverity mapped;
	char name[65]; /* of its manifest */
	uint64_t version;
};

struct root {
	struct image images[BOOT_IMAGES_MAX];
	size_t n;
	int dir; /* PATH_ROOT, owned */
};

/* What the file of slate.fleet= says to this machine. */
struct fleet {
	bool taken;
	enum settings_source source;
	struct fleetfile file;
	bool refused[FLEETFILE_LINES_MAX]; /* a line of it was, and that was told */
};

struct toram {
	enum setting_toram mode; /* TORAM_FULL, TORAM_LAZY; TORAM_NO: nothing is copied */
	uint64_t whole;          /* bytes of all images */
	bool held;               /* they are in memory */
};

enum stage_result { STAGE_NOT_RUN, STAGE_OK, STAGE_SKIPPED, STAGE_FAILED };

struct stage_record {
	const char *name;
	uint64_t start_us, end_us; /* CLOCK_MONOTONIC */
	enum stage_result result;
	char error[200];
};

struct boot {
	struct report report;
	const char *degraded;   /* PATH_DEGRADED but in tests */
	char *const *arguments; /* of this program, as the kernel gave them */
	uint64_t kernel_us;     /* CLOCK_BOOTTIME when this program began */

	struct settings settings;
	char cmdline[BOOT_CONF_MAX], initramfs_conf[BOOT_CONF_MAX];
	char medium_conf[BOOT_CONF_MAX], root_conf[BOOT_CONF_MAX];
	struct fleet fleet;

	bool keyed;  /* the initramfs holds a key: whoever stands at the console is nobody */
	struct watchdog watchdog; /* fed by the watchman */
	int monitor; /* the kernel's events, owned */
	struct modules modules;
	struct aliases aliases;
	bool all_busses; /* the aliases of every bus in /sys have been read */
	struct device devices[BOOT_DEVICES_MAX];
	size_t n_devices;
	struct rootspec wanted;
	const char *asked; /* the text that it was made of, for messages; borrowed */

	bool connected; /* this machine has an address: */
	struct lease lease;

	struct medium medium;
	struct nbd_root {
		struct nbd_place place;
		uint64_t size; /* bytes; 0: the medium is not on NBD */
	} nbd;
	struct statefile remembered; /* what the medium said of earlier boots, without the seed */
	struct root root;
	struct toram toram;
	int sysroot;      /* PATH_SYSROOT with the overlay mounted, owned */
	bool layered;     /* the overlay is mounted */
	int given;        /* names of what was put there by itself, owned (giving.h) */
	bool fresh;       /* and nothing was written into it yet */
	bool moved;       /* the new root is / */
	char name[128];   /* slate.name, filled in */
	struct restore_result restored;
	unsigned passphrases_tried; /* of this boot's few */

	struct stage_record stages[BOOT_STAGES_MAX];
	size_t n_stages;
};

/* One line in the kernel log, and so on the consoles. */
void boot_say(const struct boot *b, enum report_level level, const char *fmt, ...) ERR_PRINTF(3, 4);

/* A warning that is also kept in b->degraded for `slate status` and the login. */
void boot_degrade(const struct boot *b, const char *fmt, ...) ERR_PRINTF(2, 3);

#endif
