/* Any text as a sysctl.conf(5): lines whose parts lie in it, and names of files that lie
 * below /proc/sys, as do all that a name with a "*" or "?" fits. */
#include <fnmatch.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../init/base/sysctl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_inside(struct span part, const uint8_t *data, size_t size)
{
	const char *from = (const char *)data;

	if (part.at && (part.at < from || part.at + part.len > from + size))
		abort();
	if (part.len && span_trim(part).len != part.len)
		abort();
}

static void check_path(char path[SYSCTL_PATH_MAX])
{
	if (strncmp(path, "/proc/sys/", 10) != 0 || strlen(path) >= SYSCTL_PATH_MAX)
		abort();
	for (char *part = strtok(path, "/"); part; part = strtok(NULL, "/"))
		if (fnmatch(part, "..", FNM_PERIOD | FNM_NOESCAPE) == 0)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = { (const char *)data, size };
	struct sysctl_line line;
	char path[SYSCTL_PATH_MAX];

	while (sysctl_next(&text, &line)) {
		check_inside(line.name, data, size);
		check_inside(line.value, data, size);
		if (sysctl_path(line.name, path) == 0)
			check_path(path);
	}
	return 0;
}
