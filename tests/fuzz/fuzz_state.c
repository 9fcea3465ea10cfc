/* Any bytes as a record that one slate-init hands to the next: refused, or a state,
 * descriptors and a name that can be used. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../init/super/state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct state_record r = { .magic = STATE_MAGIC };

	/* the magic number is given, or the search would spend its time on it */
	if (size > sizeof r - sizeof r.magic)
		size = sizeof r - sizeof r.magic;
	memcpy((char *)&r + sizeof r.magic, data, size);
	if (!state_is_valid(&r))
		return 0;
	if (!service_state_name((enum svc_state)r.state) || !outcome_name((enum outcome)r.outcome))
		abort();
	if (strlen(r.name) >= sizeof r.name || strchr(r.name, '/') || r.main_pid == 1)
		abort();
	if ((r.log_read >= 0 && r.log_read <= 2) || (r.log_write >= 0 && r.log_write <= 2))
		abort();
	return 0;
}
