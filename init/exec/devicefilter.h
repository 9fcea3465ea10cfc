/* devicefilter: which devices the processes of a control group may use, as a program of
 * BPF for the kernel's device controller. The kernel's documentation:
 * admin-guide/cgroup-v2.rst, "Device controller".  */
#ifndef EXEC_DEVICEFILTER_H
#define EXEC_DEVICEFILTER_H

#include <linux/bpf.h>

#include "../unit/sandbox.h"

enum { DEVICEFILTER_ROOM = 1024 };

struct devicefilter {
	struct bpf_insn code[DEVICEFILTER_ROOM];
	unsigned n;
};

struct device_rule {
	unsigned type;    /* BPF_DEVCG_DEV_CHAR or _BLOCK */
	unsigned access;  /* enum device_access */
	int major, minor; /* -1: any */
};

void devicefilter_begin(struct devicefilter *f);
void devicefilter_allow(struct devicefilter *f, struct device_rule r);
/* Denies the rest. False: there was no room. */
bool devicefilter_end(struct devicefilter *f);

#endif
