#include "build.h"

#include "../init/base/clock.h"
#include "../init/base/command.h"
#include "../init/base/fd.h"
#include "apparmor.h"
#include "grub.h"
#include "initramfs.h"
#include "iso.h"
#include "kernel.h"
#include "medium.h"
#include "memory.h"
#include "netboot.h"
#include "plan.h"
#include "root.h"
#include "shim.h"
#include "sign.h"
#include "tool.h"
#include "tree.h"
#include "uki.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct build {
	struct plan plan;
	bool terminal;          /* somebody watches: say what is being done */
	struct initramfs initramfs;
};

/* All that a build may write to OUT, the medium last. */
static const char *const names[] = { "vmlinuz", "initramfs.img", "root.squashfs", "root.erofs",
	                             "modules.squashfs", "modules.erofs", "root.manifest",
	                             "root.manifest.minisig", "modules.manifest",
	                             "modules.manifest.minisig", "cmdline", "disk.img",
	                             "disk.iso", "slate.conf", "boot.ipxe", "dnsmasq.conf",
	                             "nginx.conf", "lighttpd.conf" };

struct step {
	const char *name;       /* in errors */
	const char *doing;      /* on the terminal */
	int (*run)(struct build *b, struct err *e);
};

/* Where `name` is made; in a static buffer. */
static const char *making(const struct build *b, const char *name)
{
	static char path[2][700];
	static int turn;

	turn = !turn;
	snprintf(path[turn], sizeof path[turn], "%s/%s", b->plan.work, name);
	return path[turn];
}

static struct signing signing(const struct plan *p)
{
	return (struct signing){ p->sign, p->key, p->image_name, p->image_version };
}

static int do_tools(struct build *b, struct err *e)
{
	const struct plan *p = &b->plan;
	const char *needed[8] = { "depmod", p->fs == PLAN_EROFS ? "mkfs.erofs" : "mksquashfs" };
	size_t n = 2;
	char path[256];

	if (p->type == PLAN_ISO)
		needed[n++] = "xorriso";
	else if (p->type == PLAN_DISK)
		needed[n++] = "sfdisk";
	if (p->medium == PLAN_EXT4 && p->type == PLAN_DISK) {
		needed[n++] = "mke2fs";
		needed[n++] = "debugfs";
	}
	if ((p->medium != PLAN_EXT4 && p->type != PLAN_NETBOOT) || !p->no_bootloader) {
		needed[n++] = "mkfs.fat";
		needed[n++] = "mcopy";
	}
	if (p->apparmor)
		needed[n++] = "apparmor_parser";
	for (size_t i = 0; i < n; i++)
		if (tool_find(needed[i], path, e) < 0)
			return -1;
	const struct signing s = signing(p);

	if (p->sign[0] && sign_check(&s, e) < 0)
		return -1;
	if (p->secure_boot[0])
		return uki_check(p, e);
	return plan_has_grub(p) ? grub_check(e) : 0;
}

static int do_work(struct build *b, struct err *e)
{
	char slate[700];

	snprintf(slate, sizeof slate, "%s/medium/slate", b->plan.work);
	if (tree_remove(b->plan.work, e) < 0)
		return -1;
	return fd_mkdirs(AT_FDCWD, slate, 0755, e);
}

static int do_look(struct build *b, struct err *e)
{
	struct plan *p = &b->plan;

	if (!p->archive[0])
		return personal_find(p->root, &p->personal, e);
	if (fd_mkdirs(AT_FDCWD, p->root, 0755, e) < 0 ||
	    tarball_look(p->archive, p->root, &p->tarball, e) < 0)
		return -1;
	if (p->tarball.personal.n) {
		char list[200];

		personal_list(&p->tarball.personal, list, sizeof list);
		return err_say(e, "the archive holds the identity of one machine, which is to be in "
		                  "no image; take it out (tar --delete): %s",
		               list);
	}
	plan_look_at_root(p);
	return 0;
}

static int do_kernel(struct build *b, struct err *e)
{
	const char *to = making(b, "vmlinuz");
	FD_AUTO in = open(b->plan.kernel, O_RDONLY | O_CLOEXEC);
	FD_AUTO out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	if (in < 0)
		return err_sys(e, "open %s", b->plan.kernel);
	if (out < 0)
		return err_sys(e, "create %s", to);

	char chunk[65536];
	ssize_t len;

	while ((len = fd_read_full(in, chunk, sizeof chunk)) > 0)
		if (fd_write_full(out, chunk, (size_t)len) < 0)
			return err_sys(e, "write %s", to);
	return len < 0 ? err_sys(e, "read %s", b->plan.kernel) : 0;
}

static int do_apparmor(struct build *b, struct err *e)
{
	return b->plan.apparmor ? apparmor_compile(b->plan.root, making(b, PLAN_APPARMOR), e) : 0;
}

static int do_initramfs(struct build *b, struct err *e)
{
	const char *path = making(b, "initramfs.img");
	struct stat st;

	if (initramfs_make(&b->plan, path, &b->initramfs, e) < 0)
		return -1;
	if (stat(path, &st) < 0)
		return err_sys(e, "%s", path);
	b->plan.memory_mib = memory_floor_mib(kernel_memory(b->plan.kernel), (uint64_t)st.st_size,
	                                      b->initramfs.unpacked);
	return 0;
}

static int do_root(struct build *b, struct err *e)
{
	return root_make(&b->plan, making(b, plan_root_name(&b->plan)), b->terminal, e);
}

static int do_modules(struct build *b, struct err *e)
{
	const struct plan *p = &b->plan;

	return p->lacks_modules ? root_make_modules(p, making(b, plan_modules_name(p)), e) : 0;
}

static int do_sign(struct build *b, struct err *e)
{
	const struct plan *p = &b->plan;
	const struct signing s = signing(p);

	if (!p->sign[0])
		return 0;
	if (sign_image(&s, making(b, plan_root_name(p)), e) < 0)
		return -1;
	return p->lacks_modules ? sign_image(&s, making(b, plan_modules_name(p)), e) : 0;
}

/* The command line that a boot loader, or QEMU's -append, is to pass. */
static int do_cmdline(struct build *b, struct err *e)
{
	char text[PLAN_CMDLINE_MAX + 1];

	plan_cmdline(&b->plan, text);
	strcat(text, "\n");
	return fd_write_file(AT_FDCWD, making(b, "cmdline"), text, strlen(text), e);
}

/* A machine that starts over the network has its images in memory. */
static int do_netboot(struct build *b, struct err *e)
{
	const char *images[] = { plan_root_name(&b->plan), plan_modules_name(&b->plan) };
	uint64_t bytes = 0;
	struct stat st;

	for (size_t i = 0; i < sizeof images / sizeof *images; i++)
		bytes += stat(making(b, images[i]), &st) == 0 ? (uint64_t)st.st_size : 0;
	b->plan.memory_mib = memory_with_images(b->plan.memory_mib, bytes);
	return netboot_make(&b->plan, e);
}

static int do_medium(struct build *b, struct err *e)
{
	const char *out = making(b, plan_medium_name(&b->plan));

	if (b->plan.type == PLAN_NETBOOT)
		return do_netboot(b, e);
	if (b->plan.type == PLAN_DISK && medium_choose(&b->plan, e) < 0)
		return -1;
	return b->plan.type == PLAN_ISO ? iso_make(&b->plan, out, e) : medium_make(&b->plan, out, e);
}

/* What an earlier build left and this one did not make is no longer true. */
static int do_rename(struct build *b, struct err *e)
{
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char to[700];

		snprintf(to, sizeof to, "%s/%s", b->plan.out, names[i]);
		if (rename(making(b, names[i]), to) == 0)
			continue;
		if (errno != ENOENT)
			return err_sys(e, "rename to %s", to);
		unlink(to);
	}
	return tree_remove(b->plan.work, e);
}

static const struct step steps[] = {
	{ "tools",     NULL,                       do_tools },
	{ "work",      NULL,                       do_work },
	{ "look",      NULL,                       do_look },
	{ "kernel",    "copying the kernel",       do_kernel },
	{ "apparmor",  NULL,                       do_apparmor },
	{ "initramfs", "making the initramfs",     do_initramfs },
	{ "root",      "making the root image",    do_root },
	{ "modules",   "making the modules image", do_modules },
	{ "sign",      NULL,                       do_sign },
	{ "cmdline",   NULL,                       do_cmdline },
	{ "medium",    "making the medium",        do_medium },
	{ "finish",    NULL,                       do_rename },
};

static int run_steps(struct build *b, struct err *e)
{
	for (const struct step *s = steps; s < steps + sizeof steps / sizeof *steps; s++) {
		if (b->terminal && s->doing && !(s->run == do_modules && !b->plan.lacks_modules))
			fprintf(stderr, "slate: image: %s\n", s->doing);
		if (s->run(b, e) < 0)
			return err_wrap(e, "%s", s->name);
	}
	return 0;
}

static void say_medium(const struct plan *p)
{
	const char *loader = p->no_bootloader    ? "no boot loader"
	                     : p->secure_boot[0] ? "starts on UEFI, signed for Secure Boot"
	                     : shim_starts(p)    ? "starts on BIOS and UEFI, Secure Boot on or off"
	                                         : "starts on BIOS and UEFI, Secure Boot off";

	if (p->type == PLAN_ISO)
		printf("  iso9660, label %s, %s", p->label, loader);
	else
		printf("  %s, label %s, %u slots for saved configuration, %s",
		       p->medium == PLAN_FAT ? "FAT" : "ext4", p->label, (unsigned)p->slots, loader);
}

/* Files whose size says nothing. */
static bool is_small(const char *name)
{
	return strcmp(name, "cmdline") == 0 || strstr(name, ".manifest") || strstr(name, ".conf") ||
	       strstr(name, ".ipxe");
}

static void say_left_out(const struct plan *p)
{
	char list[sizeof p->personal.paths];

	personal_list(&p->personal, list, sizeof list);
	if (list[0])
		printf("left out of the image, as each machine makes its own: %s\n", list);
}

static void say_initramfs(const struct build *b)
{
	printf("  %zu modules of %s", b->initramfs.modules, b->plan.release);
	if (b->plan.memory_mib)
		printf(", starts with %u MiB of memory", b->plan.memory_mib);
}

static void say_made(const struct build *b)
{
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char path[700];
		struct stat st;

		snprintf(path, sizeof path, "%s/%s", b->plan.out, names[i]);
		if (is_small(names[i]) || stat(path, &st) < 0)
			continue;
		printf("%-18s %8.1f MiB", names[i], (double)st.st_size / 1048576);
		if (strcmp(names[i], "initramfs.img") == 0)
			say_initramfs(b);
		if (b->plan.sign[0] && strcmp(names[i], plan_root_name(&b->plan)) == 0)
			printf("  signed: %s, version %llu", b->plan.image_name,
			       (unsigned long long)b->plan.image_version);
		if (strcmp(names[i], plan_medium_name(&b->plan)) == 0)
			say_medium(&b->plan);
		putchar('\n');
	}
	if (b->plan.type == PLAN_NETBOOT)
		printf("for the server, beside them: slate.conf, boot.ipxe, dnsmasq.conf, nginx.conf, "
		       "lighttpd.conf\n");
	if (b->plan.outgrown[0])
		printf("the disk is ext4: FAT holds no file of 4 GiB, as %s is one\n",
		       b->plan.outgrown);
	say_left_out(&b->plan);
}

/* In a child, so that an interrupt ends it wherever it is. */
static _Noreturn void work(struct build *b)
{
	struct err e = { 0 };
	int status = COMMAND_DONE;

	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	if (run_steps(b, &e) < 0) {
		fprintf(stderr, "slate: image: %s; %s is as it was\n", e.text, b->plan.out);
		status = COMMAND_FAILED;
	} else {
		say_made(b);
	}
	exit(status);
}

static pid_t worker;

static void pass_on(int signal)
{
	if (worker > 0)
		kill(worker, signal);
}

/* Waits for the child and removes what it had in the making when it did not end well. */
static int guard(struct build *b)
{
	struct err ignored;
	int status;

	while (waitpid(worker, &status, 0) < 0)
		if (errno != EINTR)
			return COMMAND_FAILED;
	if (WIFEXITED(status) && WEXITSTATUS(status) == COMMAND_DONE)
		return COMMAND_DONE;
	/* its tools die with it, but not at once, and would still write */
	while (wait(NULL) > 0 || errno == EINTR)
		;
	tree_remove(b->plan.work, &ignored);
	if (WIFSIGNALED(status))
		fprintf(stderr, "slate: image: interrupted (%s); %s is as it was\n",
		        strsignal(WTERMSIG(status)), b->plan.out);
	return COMMAND_FAILED;
}

static int build_guarded(struct build *b)
{
	const struct sigaction act = { .sa_handler = pass_on };

	sigaction(SIGINT, &act, NULL);
	sigaction(SIGTERM, &act, NULL);
	sigaction(SIGHUP, &act, NULL);
	/* what the worker leaves behind becomes this process's child */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	fflush(NULL);
	worker = fork();
	if (worker < 0) {
		perror("slate: image: fork");
		return COMMAND_FAILED;
	}
	if (worker == 0)
		work(b);
	return guard(b);
}

int build_run(int argc, char **argv)
{
	static struct build b;
	struct err e = { 0 };
	bool usage;

	if (plan_parse(&b.plan, argc, argv, &usage, &e) < 0) {
		fprintf(stderr, "slate: image: %s\n", e.text);
		return usage ? COMMAND_USAGE : COMMAND_FAILED;
	}
	b.terminal = isatty(STDERR_FILENO) && isatty(STDOUT_FILENO);
	FD_AUTO lock = open(b.plan.out, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (lock < 0 || flock(lock, LOCK_EX) < 0) {
		fprintf(stderr, "slate: image: lock %s: %s\n", b.plan.out, strerror(errno));
		return COMMAND_FAILED;
	}
	return build_guarded(&b);
}
