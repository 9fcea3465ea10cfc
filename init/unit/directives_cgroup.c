/* Numbers of control groups: systemd.resource-control(5). */
#include "parse.h"

#define AMOUNT(text, member) \
	{ .name = text, .sections = IN_CGROUP, .kind = HONOURED, .parse = parse_amount, \
	  FIELD_EXEC(cgroup.member), .strict = true }
#define HARMLESS_ROW(text) { .name = text, .sections = IN_CGROUP, .kind = HARMLESS }
#define UNSUPPORTED_ROW(text) { .name = text, .sections = IN_CGROUP, .kind = UNSUPPORTED }

static const struct directive rows[] = {
	AMOUNT("TasksMax", tasks_max),
	AMOUNT("MemoryMax", memory_max),
	AMOUNT("MemoryLimit", memory_max), /* its name before cgroup v2 */
	AMOUNT("MemoryHigh", memory_high),
	AMOUNT("MemoryLow", memory_low),
	AMOUNT("MemoryMin", memory_min),
	AMOUNT("MemorySwapMax", memory_swap_max),
	{ .name = "CPUWeight", .sections = IN_CGROUP, .kind = HONOURED, .parse = parse_weight,
	  FIELD_EXEC(cgroup.cpu_weight) },
	{ .name = "IOWeight", .sections = IN_CGROUP, .kind = HONOURED, .parse = parse_weight,
	  FIELD_EXEC(cgroup.io_weight) },
	{ .name = "CPUQuota", .sections = IN_CGROUP, .kind = HONOURED, .parse = parse_quota,
	  FIELD_EXEC(cgroup.cpu_quota_us), .strict = true },
	{ .name = "CPUQuotaPeriodSec", .sections = IN_CGROUP, .kind = HONOURED, .parse = parse_time,
	  FIELD_EXEC(cgroup.cpu_quota_period_us) },
	{ .name = "Delegate", .sections = IN_CGROUP, .kind = HONOURED, .parse = parse_delegate,
	  FIELD_EXEC(cgroup.delegate) },
	{ .name = "DelegateSubgroup", .sections = IN_CGROUP, .kind = UNSUPPORTED },
	{ .name = "Slice", .sections = IN_CGROUP, .kind = HONOURED, .parse = parse_slice,
	  FIELD_EXEC(cgroup.slice), .strict = true },

	/* What is counted is counted in every group. */
	HARMLESS_ROW("CPUAccounting"),
	HARMLESS_ROW("MemoryAccounting"),
	HARMLESS_ROW("IOAccounting"),
	HARMLESS_ROW("BlockIOAccounting"),
	HARMLESS_ROW("TasksAccounting"),
	HARMLESS_ROW("IPAccounting"),

	UNSUPPORTED_ROW("StartupCPUWeight"),
	UNSUPPORTED_ROW("CPUShares"),
	UNSUPPORTED_ROW("StartupCPUShares"),
	UNSUPPORTED_ROW("AllowedCPUs"),
	UNSUPPORTED_ROW("StartupAllowedCPUs"),
	UNSUPPORTED_ROW("AllowedMemoryNodes"),
	UNSUPPORTED_ROW("StartupAllowedMemoryNodes"),
	UNSUPPORTED_ROW("DefaultMemoryMin"),
	UNSUPPORTED_ROW("DefaultMemoryLow"),
	UNSUPPORTED_ROW("DefaultStartupMemoryLow"),
	UNSUPPORTED_ROW("StartupMemoryLow"),
	UNSUPPORTED_ROW("StartupMemoryHigh"),
	UNSUPPORTED_ROW("StartupMemoryMax"),
	UNSUPPORTED_ROW("StartupMemorySwapMax"),
	UNSUPPORTED_ROW("MemoryZSwapMax"),
	UNSUPPORTED_ROW("StartupMemoryZSwapMax"),
	UNSUPPORTED_ROW("MemoryZSwapWriteback"),
	UNSUPPORTED_ROW("StartupIOWeight"),
	UNSUPPORTED_ROW("IODeviceWeight"),
	UNSUPPORTED_ROW("IOReadBandwidthMax"),
	UNSUPPORTED_ROW("IOWriteBandwidthMax"),
	UNSUPPORTED_ROW("IOReadIOPSMax"),
	UNSUPPORTED_ROW("IOWriteIOPSMax"),
	UNSUPPORTED_ROW("IODeviceLatencyTargetSec"),
	UNSUPPORTED_ROW("BlockIOWeight"),
	UNSUPPORTED_ROW("StartupBlockIOWeight"),
	UNSUPPORTED_ROW("BlockIODeviceWeight"),
	UNSUPPORTED_ROW("BlockIOReadBandwidth"),
	UNSUPPORTED_ROW("BlockIOWriteBandwidth"),
	UNSUPPORTED_ROW("DisableControllers"),
	{ .name = "ManagedOOMSwap", .sections = IN_CGROUP, .kind = UNSUPPORTED, .neutral = "auto" },
	{ .name = "ManagedOOMMemoryPressure", .sections = IN_CGROUP, .kind = UNSUPPORTED,
	  .neutral = "auto" },
	UNSUPPORTED_ROW("ManagedOOMMemoryPressureLimit"),
	UNSUPPORTED_ROW("ManagedOOMMemoryPressureDurationSec"),
	HARMLESS_ROW("ManagedOOMPreference"),
	HARMLESS_ROW("MemoryPressureWatch"),
	HARMLESS_ROW("MemoryPressureThresholdSec"),
	HARMLESS_ROW("CPUPressureWatch"),
	HARMLESS_ROW("CPUPressureThresholdSec"),
	HARMLESS_ROW("IOPressureWatch"),
	HARMLESS_ROW("IOPressureThresholdSec"),
	HARMLESS_ROW("CoredumpReceive"),
};

const struct directive_piece directives_cgroup = { rows, sizeof rows / sizeof *rows };
