#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "../base/fd.h"
#include "child.h"
#include "devicefilter.h"

#define ALL_ACCESS (DEVICE_READ | DEVICE_WRITE | DEVICE_MKNOD)

/* --- Programs of a control group --- */

/* In the place of the one that another command of the unit has left there. */
static int attach(int group, enum bpf_prog_type type, enum bpf_attach_type where,
                  const struct bpf_insn *code, unsigned n)
{
	union bpf_attr load, put;
	FD_AUTO program = -1;

	memset(&load, 0, sizeof load);
	load.prog_type = type;
	load.expected_attach_type = where;
	load.insns = (uintptr_t)code;
	load.insn_cnt = n;
	load.license = (uintptr_t)"";
	program = (int)syscall(SYS_bpf, BPF_PROG_LOAD, &load, sizeof load);
	if (program < 0)
		return -1;
	memset(&put, 0, sizeof put);
	put.target_fd = (unsigned)group;
	put.attach_bpf_fd = (unsigned)program;
	put.attach_type = where;
	return (int)syscall(SYS_bpf, BPF_PROG_ATTACH, &put, sizeof put);
}

/* --- Devices --- */

/* What every program expects to be there. */
static void allow_usual(struct devicefilter *f)
{
	static const struct device_rule usual[] = {
		{ BPF_DEVCG_DEV_CHAR, ALL_ACCESS, 1, 3 }, /* null */
		{ BPF_DEVCG_DEV_CHAR, ALL_ACCESS, 1, 5 }, /* zero */
		{ BPF_DEVCG_DEV_CHAR, ALL_ACCESS, 1, 7 }, /* full */
		{ BPF_DEVCG_DEV_CHAR, ALL_ACCESS, 1, 8 }, /* random */
		{ BPF_DEVCG_DEV_CHAR, ALL_ACCESS, 1, 9 }, /* urandom */
		{ BPF_DEVCG_DEV_CHAR, ALL_ACCESS, 5, 0 }, /* tty */
		{ BPF_DEVCG_DEV_CHAR, ALL_ACCESS, 5, 2 }, /* ptmx */
		{ BPF_DEVCG_DEV_CHAR, DEVICE_READ | DEVICE_WRITE, 136, -1 }, /* pts */
	};

	for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
		devicefilter_allow(f, usual[i]);
}

/* The part of /proc/devices for devices of a kind, a line each: number and name. */
static struct span part_of(struct span all, bool is_char)
{
	struct span line;

	while (span_line(&all, &line))
		if (span_is(line, is_char ? "Character devices:" : "Block devices:"))
			break;
	return all;
}

/* "pts", "usb*", "*": numbers of drivers by their name. */
static int allow_drivers(struct devicefilter *f, struct span name, bool is_char, unsigned access,
                         struct err *e)
{
	struct device_rule r = {
		.type = is_char ? BPF_DEVCG_DEV_CHAR : BPF_DEVCG_DEV_BLOCK, .access = access,
		.major = -1, .minor = -1,
	};
	char text[8192];
	ssize_t len = fd_read_file(AT_FDCWD, "/proc/devices", text, sizeof text, e);
	struct span rest, line, number;
	bool is_prefix = span_ends(name, "*");
	uint64_t major;

	name.len -= is_prefix;
	if (is_prefix && name.len == 0) {
		devicefilter_allow(f, r);
		return 0;
	}
	if (len < 0)
		return -1;
	rest = part_of((struct span){ text, (size_t)len }, is_char);
	while (span_line(&rest, &line) && span_word(&line, " ", &number)) {
		line = span_trim(line);
		if (line.len < name.len || memcmp(line.at, name.at, name.len) != 0 ||
		    (!is_prefix && line.len != name.len) || !span_uint(number, 4095, &major))
			continue;
		r.major = (int)major;
		devicefilter_allow(f, r);
	}
	return 0;
}

static int allow(struct devicefilter *f, const struct sandbox_device *d, struct err *e)
{
	struct span name = span_of(d->name);
	struct stat st;

	if (span_starts(name, "char-"))
		return allow_drivers(f, span_from(name, 5), true, d->access, e);
	if (span_starts(name, "block-"))
		return allow_drivers(f, span_from(name, 6), false, d->access, e);
	/* a device that is not there need not be allowed */
	if (stat(d->name, &st) < 0)
		return fd_is_absent(errno) ? 0 : err_sys(e, "%s", d->name);
	if (!S_ISCHR(st.st_mode) && !S_ISBLK(st.st_mode))
		return err_say(e, "%s is no device", d->name);
	devicefilter_allow(f, (struct device_rule){
		S_ISCHR(st.st_mode) ? BPF_DEVCG_DEV_CHAR : BPF_DEVCG_DEV_BLOCK, d->access,
		(int)major(st.st_rdev), (int)minor(st.st_rdev) });
	return 0;
}

static int filter_devices(struct child *c, struct err *e)
{
	struct devicefilter f;

	devicefilter_begin(&f);
	if (c->box->devices != DEVICES_STRICT)
		allow_usual(&f);
	for (unsigned i = 0; i < c->box->devices_n; i++)
		if (allow(&f, &c->box->device[i], e) < 0)
			return -1;
	if (!devicefilter_end(&f))
		return err_say(e, "too many devices");
	if (attach(c->s->cgroup, BPF_PROG_TYPE_CGROUP_DEVICE, BPF_CGROUP_DEVICE, f.code, f.n) < 0)
		return err_sys(e, "filter of the control group");
	return 0;
}

/* --- Addresses --- */

static int drop_packets(struct child *c, struct err *e)
{
	static const struct bpf_insn drop[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	if (attach(c->s->cgroup, BPF_PROG_TYPE_CGROUP_SKB, BPF_CGROUP_INET_INGRESS, drop, 2) < 0 ||
	    attach(c->s->cgroup, BPF_PROG_TYPE_CGROUP_SKB, BPF_CGROUP_INET_EGRESS, drop, 2) < 0)
		return err_sys(e, "filter of the control group");
	return 0;
}

int child_group(struct child *c, struct err *e)
{
	const struct sandbox *box = c->box;
	bool devices = box->devices != DEVICES_AUTO || box->devices_n;

	if (!devices && !box->no_addresses)
		return 0;
	if (c->s->cgroup < 0)
		return err_say(e, "%s=: there are no control groups",
		               devices ? "DeviceAllow" : "IPAddressDeny");
	if (devices && filter_devices(c, e) < 0)
		return err_wrap(e, "%s=", box->devices_n ? "DeviceAllow" : "DevicePolicy");
	if (box->no_addresses && drop_packets(c, e) < 0)
		return err_wrap(e, "IPAddressDeny=");
	return 0;
}
