/* The sections of the types that are read, not run: systemd.timer(5), .path(5),
 * .mount(5), .automount(5), .swap(5), .slice(5), .scope(5). */
#include "parse.h"

#define ROW(section, text) { .name = text, .sections = section, .kind = UNSUPPORTED }

static const struct directive rows[] = {
	{ .name = "Unit", .sections = IN_TIMER | IN_PATH, .kind = HONOURED, .parse = parse_trigger },
	ROW(IN_TIMER, "OnCalendar"),
	ROW(IN_TIMER, "OnActiveSec"),
	ROW(IN_TIMER, "OnBootSec"),
	ROW(IN_TIMER, "OnStartupSec"),
	ROW(IN_TIMER, "OnUnitActiveSec"),
	ROW(IN_TIMER, "OnUnitInactiveSec"),
	ROW(IN_TIMER, "OnClockChange"),
	ROW(IN_TIMER, "OnTimezoneChange"),
	ROW(IN_TIMER, "Persistent"),
	ROW(IN_TIMER, "WakeSystem"),
	ROW(IN_TIMER, "RemainAfterElapse"),
	ROW(IN_TIMER, "AccuracySec"),
	ROW(IN_TIMER, "RandomizedDelaySec"),
	ROW(IN_TIMER, "RandomizedOffsetSec"),
	ROW(IN_TIMER, "FixedRandomDelay"),
	ROW(IN_TIMER, "DeferReactivation"),

	ROW(IN_PATH, "PathExists"),
	ROW(IN_PATH, "PathExistsGlob"),
	ROW(IN_PATH, "PathChanged"),
	ROW(IN_PATH, "PathModified"),
	ROW(IN_PATH, "DirectoryNotEmpty"),
	ROW(IN_PATH, "MakeDirectory"),
	ROW(IN_PATH, "DirectoryMode"),
	ROW(IN_PATH, "TriggerLimitIntervalSec"),
	ROW(IN_PATH, "TriggerLimitBurst"),

	ROW(IN_MOUNT | IN_AUTOMOUNT, "Where"),
	ROW(IN_MOUNT | IN_SWAP, "What"),
	ROW(IN_MOUNT, "Type"),
	ROW(IN_MOUNT | IN_SWAP, "Options"),
	ROW(IN_MOUNT, "SloppyOptions"),
	ROW(IN_MOUNT, "LazyUnmount"),
	ROW(IN_MOUNT, "ReadWriteOnly"),
	ROW(IN_MOUNT, "ForceUnmount"),
	ROW(IN_MOUNT | IN_AUTOMOUNT, "DirectoryMode"),
	ROW(IN_MOUNT | IN_SWAP, "TimeoutSec"),
	ROW(IN_AUTOMOUNT, "ExtraOptions"),
	ROW(IN_AUTOMOUNT, "TimeoutIdleSec"),
	ROW(IN_SWAP, "Priority"),

	ROW(IN_SCOPE, "OOMPolicy"),
	ROW(IN_SCOPE, "RuntimeMaxSec"),
	ROW(IN_SCOPE, "RuntimeRandomizedExtraSec"),
	ROW(IN_SCOPE, "TimeoutStopSec"),
	ROW(IN_SCOPE, "User"),
	ROW(IN_SCOPE, "Group"),
	ROW(IN_SLICE, "ConcurrencyHardMax"),
	ROW(IN_SLICE, "ConcurrencySoftMax"),
};

const struct directive_piece directives_other = { rows, sizeof rows / sizeof *rows };
