/* uevent: one message of the kernel about a device, decoded.
 *
 * NETLINK_KOBJECT_UEVENT(7 of netlink): "ACTION@DEVPATH", then KEY=VALUE strings,
 * each ended by a NUL. This is the one place that sees the bytes; what does not
 * fit or looks wrong refuses the whole message.  */
#ifndef BOOT_UEVENT_H
#define BOOT_UEVENT_H

#include <stdbool.h>

#include "../base/err.h"
#include "../base/span.h"

enum uevent_action { UEVENT_OTHER, UEVENT_ADD, UEVENT_CHANGE, UEVENT_REMOVE };

#define DEVICE_NAME_MAX 64
#define MODALIAS_MAX    256

struct uevent {
	enum uevent_action action;
	char subsystem[32];
	char device[DEVICE_NAME_MAX]; /* below /dev; "": none */
	char modalias[MODALIAS_MAX];  /* "": none */
	bool partition;
};

/* 0, or -1 with *e: not a message of the kernel's form. */
int uevent_decode(struct span message, struct uevent *out, struct err *e);

/* May `name` be used below /dev: relative, no empty, "." or ".." component. */
bool device_name_is_sane(struct span name);

#endif
