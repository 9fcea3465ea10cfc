/* Any bytes as the list of steps that a killed command left behind. What is accepted
 * names only paths beneath the root. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../overlay/tree/livestep.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct live_steps s = { 0 };
	struct err e = { 0 };
	int result = live_steps_decode((const char *)data, size, &s, &e);

	if (result < 0 && !e.text[0])
		abort();
	for (size_t i = 0; i < s.n; i++)
		if (s.at[i].action == LIVE_NONE || !s.at[i].path[0] || s.at[i].path[0] == '/' ||
		    strncmp(s.at[i].path, "../", 3) == 0 || strstr(s.at[i].path, "/../"))
			abort();
	live_steps_drop(&s);
	return 0;
}
