#include "ram.h"

#include <inttypes.h>

#define MIB(bytes) ((bytes) >> 20)

int ram_is_enough(const struct meminfo *m, struct err *e)
{
	if (m->available >= MEMINFO_NEEDED)
		return 0;
	return err_say(e,
	               "too little memory: %" PRIu64 " MiB are left of the %" PRIu64
	               " MiB that this kernel has, and %" PRIu64 " MiB are needed to start",
	               MIB(m->available), MIB(m->total), MIB(MEMINFO_NEEDED));
}

int ram_check(struct boot *b, struct err *e)
{
	struct meminfo m;

	/* a kernel that does not say has to show what it can */
	if (meminfo_read(&m, e) < 0 || m.total == 0)
		return 0;
	boot_say(b, REPORT_INFO, "memory: %" PRIu64 " MiB, %" PRIu64 " MiB of it free",
	         MIB(m.total), MIB(m.available));
	return ram_is_enough(&m, e);
}

void ram_explain(const struct boot *b)
{
	struct meminfo m;
	struct err ignored;
	uint64_t missing;

	if (meminfo_read(&m, &ignored) < 0)
		return;
	missing = m.available < MEMINFO_NEEDED ? MEMINFO_NEEDED - m.available : 0;
	boot_say(b, REPORT_ERROR,
	         "give this machine %" PRIu64 " MiB more, or start it with a smaller kernel or "
	         "initramfs (slate image build without --all-drivers)",
	         MIB(missing) + 1);
}
