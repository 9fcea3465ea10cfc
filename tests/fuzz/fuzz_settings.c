/* Any text as command line or slate.conf: what was understood can be written and
 * read again, and a medium or an unsigned file never lowers a protection. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../init/base/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_written(const struct settings *s)
{
	char first[16384], second[16384];
	struct settings again;
	struct err e;

	if (settings_write(s, first, sizeof first, &e) < 0)
		abort();
	settings_default(&again);
	settings_apply(&again, SETTINGS_IMAGE, span_of(first), NULL);
	if (settings_write(&again, second, sizeof second, &e) < 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = { (const char *)data, size };
	struct settings s;

	for (int source = SETTINGS_IMAGE; source <= SETTINGS_CMDLINE; source++) {
		settings_default(&s);
		s.verify = VERIFY_REQUIRE;
		s.shell = SHELL_NO;
		settings_apply(&s, (enum settings_source)source, text, NULL);
		if ((source == SETTINGS_MEDIUM || source == SETTINGS_FLEET ||
		     source == SETTINGS_FLEET_FOREIGN) &&
		    (s.verify != VERIFY_REQUIRE || s.shell != SHELL_NO))
			abort();
		check_written(&s);
	}
	return 0;
}
