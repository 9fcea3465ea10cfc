#include "devices.h"

#include <string.h>

#include "../base/fd.h"
#include "monitor.h"
#include "sysfs.h"
#include "watchman.h"

static struct device *find(struct boot *b, const char *name)
{
	for (size_t i = 0; i < b->n_devices; i++)
		if (strcmp(b->devices[i].name, name) == 0)
			return &b->devices[i];
	return NULL;
}

void devices_note(struct boot *b, const char *name, bool partition)
{
	struct device *d = find(b, name);

	if (!d && b->n_devices == BOOT_DEVICES_MAX) {
		boot_say(b, REPORT_WARNING, "more than %d block devices: %s is not looked at",
		         BOOT_DEVICES_MAX, name);
		return;
	}
	if (!d)
		d = &b->devices[b->n_devices++];
	*d = (struct device){ .partition = partition };
	strncpy(d->name, name, sizeof d->name - 1);
}

static void forget(struct boot *b, const char *name)
{
	struct device *d = find(b, name);

	if (d)
		*d = b->devices[--b->n_devices];
}

static void note_found(void *ctx, const char *name, bool partition)
{
	struct boot *b = ctx;

	if (!find(b, name))
		devices_note(b, name, partition);
}

static void take_event(struct boot *b, const struct uevent *event)
{
	if (event->modalias[0] && event->action == UEVENT_ADD)
		aliases_add(&b->aliases, event->modalias);
	if (strcmp(event->subsystem, "watchdog") == 0 && event->action == UEVENT_ADD)
		watchman_start(b);
	if (strcmp(event->subsystem, "block") != 0 || !event->device[0])
		return;
	if (event->action == UEVENT_REMOVE)
		forget(b, event->device);
	else if (event->action != UEVENT_OTHER)
		devices_note(b, event->device, event->partition);
}

/* True when there was at least one message. */
static bool take_events(struct boot *b)
{
	struct uevent event;
	struct err e;
	bool any = false;

	while (b->monitor >= 0) {
		int result = monitor_read(b->monitor, &event, &e);

		if (result == MONITOR_NONE)
			break;
		any = true;
		if (result == MONITOR_EVENT) {
			take_event(b, &event);
		} else if (result == MONITOR_LOST) {
			sysfs_blocks(note_found, b);
			sysfs_aliases(&b->aliases, true);
			b->all_busses = false;
		} else {
			boot_say(b, REPORT_WARNING, "%s; devices that come later are not seen",
			         e.text);
			fd_drop(&b->monitor);
		}
	}
	return any;
}

/* Loads the modules of the best alias that has some. False: none has. */
static bool load_one(struct boot *b, enum alias_rank worst)
{
	struct err e;
	const char *alias;

	while ((alias = aliases_take(&b->aliases, worst))) {
		int loaded = modules_load_alias(&b->modules, alias, &e);

		if (loaded < 0)
			boot_say(b, REPORT_WARNING, "%s: %s", alias, e.text);
		if (loaded > 0)
			return true;
	}
	return false;
}

/* Its driver is no way to the medium, but from here on a boot that hangs is ended. */
static void start_watchdog(struct boot *b)
{
	while (b->settings.watchdog_s && load_one(b, RANK_WATCHDOG))
		take_events(b);
	watchman_start(b);
}

int devices_start(struct boot *b, struct err *e)
{
	struct err why;
	int result = 0;

	/* first the socket, then /sys: what comes in between is seen twice, not never */
	b->monitor = monitor_open(e);
	if (b->monitor < 0)
		result = -1;
	if (modules_open(&b->modules, NULL, b->settings.blacklist, e) < 0)
		result = -1;
	if (modules_load_list(&b->modules, b->settings.modules, &why) < 0)
		boot_degrade(b, "modules=: %s", why.text);
	sysfs_blocks(note_found, b);
	sysfs_aliases(&b->aliases, true);
	start_watchdog(b);
	return result;
}

enum devices_turn devices_turn(struct boot *b, enum alias_rank worst)
{
	if (take_events(b))
		return DEVICES_NEWS;
	if (load_one(b, worst))
		return DEVICES_NEWS;
	if (b->all_busses)
		return DEVICES_IDLE;
	sysfs_aliases(&b->aliases, false);
	b->all_busses = true;
	return DEVICES_NEWS;
}
