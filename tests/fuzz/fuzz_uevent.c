/* Any bytes as a message of the kernel's: refused, or a device name that stays
 * below /dev and texts that end. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../init/boot/aliases.h"
#include "../../init/boot/uevent.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct uevent u;
	struct err e;

	if (uevent_decode((struct span){ (const char *)data, size }, &u, &e) < 0)
		return 0;
	if (!memchr(u.device, '\0', sizeof u.device) ||
	    !memchr(u.modalias, '\0', sizeof u.modalias))
		abort();
	if (u.device[0] && (u.device[0] == '/' || strstr(u.device, "/../")))
		abort();
	if (alias_rank(u.modalias) > RANK_NETWORK)
		abort();
	return 0;
}
