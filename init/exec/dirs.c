#include "dirs.h"

const struct dirs_kind dirs_kinds[DIR_KINDS] = {
	[DIR_RUNTIME] = { "RuntimeDirectory", "/run", "RUNTIME_DIRECTORY" },
	[DIR_STATE] = { "StateDirectory", "/var/lib", "STATE_DIRECTORY" },
	[DIR_CACHE] = { "CacheDirectory", "/var/cache", "CACHE_DIRECTORY" },
	[DIR_LOGS] = { "LogsDirectory", "/var/log", "LOGS_DIRECTORY" },
	[DIR_CONFIGURATION] = { "ConfigurationDirectory", "/etc", "CONFIGURATION_DIRECTORY" },
};
