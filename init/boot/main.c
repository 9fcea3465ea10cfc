/* slate-boot: /init of the initramfs. The order and the policy of a boot. */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../base/paths.h"
#include "../base/relro.h"
#include "conf.h"
#include "confine.h"
#include "console.h"
#include "devices.h"
#include "files.h"
#include "fleet.h"
#include "grow.h"
#include "handover.h"
#include "hooks.h"
#include "layer.h"
#include "medium.h"
#include "memory.h"
#include "mounts.h"
#include "network.h"
#include "ram.h"
#include "rescue.h"
#include "restoring.h"
#include "root.h"
#include "selinux.h"
#include "stage.h"
#include "toram.h"
#include "zram.h"

static int do_start(struct boot *b, struct err *e)
{
	conf_before(b);

	int result = mounts_api(e);

	console_open();
	report_open(&b->report, "slate-boot");
	memory_clock(b, memory_built(), "the build of slate");
	return result;
}

static int do_nothing(struct boot *b, struct err *e)
{
	(void)b;
	(void)e;
	return 0; /* the hooks of its phase are the stage */
}

static const struct stage stages[] = {
	{ "start", do_start, RESCUE, NULL, NULL },
	{ "cmdline", conf_start, CARRY_ON, NULL, "start" }, /* the defaults boot a machine */
	{ "memory", ram_check, RESCUE, ram_explain, NULL },
	{ "devices", devices_start, CARRY_ON, NULL, NULL }, /* what is there already may do */
	{ "fleet", fleet_run, CARRY_ON, NULL, NULL },       /* waits as long as it takes */
	{ "medium", medium_find, RESCUE, medium_explain, "medium" },
	{ "grow", grow_run, CARRY_ON, NULL, NULL },         /* it is a medium as it is */
	{ "root", root_mount, RESCUE, root_explain, "root" },
	{ "zram", zram_run, CARRY_ON, NULL, NULL },       /* less fits, all the same */
	{ "toram", toram_run, CARRY_ON, NULL, NULL },     /* the medium then stays */
	{ "selinux", selinux_run, CARRY_ON, NULL, NULL }, /* degraded: what is unconfined is told */
	{ "overlay", layer_make, RESCUE, NULL, NULL },
	{ "network", network_run, CARRY_ON, NULL, NULL },   /* where ip= asks for it */
	{ "restore", restoring_run, CARRY_ON, NULL, NULL }, /* pristine beats dead */
	{ "files", files_run, CARRY_ON, NULL, NULL },       /* the same */
	{ "hooks", do_nothing, CARRY_ON, NULL, "restored" },
	{ "confine", confine_run, CARRY_ON, NULL, NULL }, /* degraded: what is unconfined is told */
	{ "switch", handover_run, RESCUE, NULL, NULL },   /* does not return when it works */
};

static const struct stage_actions actions = { rescue_pause, hooks_run, rescue_run };

static uint64_t boottime_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static int usage(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		puts("slate-boot " SLATE_VERSION);
		return 0;
	}
	fputs("slate-boot is /init of an initramfs and runs as process 1 only; see slate-boot(8).\n"
	      "usage: slate-boot --version\n",
	      stderr);
	return 2;
}

int main(int argc, char **argv)
{
	/* large, and used up to the very end */
	static struct boot boot = {
		.watchdog.fd = -1,
		.monitor = -1,
		.medium.dir = -1,
		.root.dir = -1,
		.sysroot = -1,
		.given = -1,
	};

	relro_apply();
	if (getpid() != 1)
		return usage(argc, argv);
	boot.kernel_us = boottime_us();
	boot.report.kmsg = -1;
	boot.report.name = "slate-boot";
	boot.degraded = PATH_DEGRADED;
	boot.arguments = argv;
	stage_run_all(stages, sizeof stages / sizeof *stages, &boot, &actions);
	rescue_restart(&boot);
}
