/* Any bytes as a request of the control socket: refused, or a verb with arguments
 * that end inside the packet. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../init/base/control.h"
#include "../../init/base/span.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *packet = (const char *)data;
	struct control_request r;
	struct err e;

	/* the other direction: an answer as the client reads it */
	span_value((struct span){ packet, size }, "unit");
	if (control_decode(packet, size, &r, &e) < 0)
		return 0;
	if (r.verb <= CONTROL_NONE || r.verb >= CONTROL_VERBS || r.n > CONTROL_ARGS_MAX)
		abort();
	for (unsigned i = 0; i < r.n; i++)
		if (r.args[i] < packet || r.args[i] + strlen(r.args[i]) >= packet + size)
			abort();
	return 0;
}
