#include "record.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../../../init/base/fd.h"
#include "box.h"
#include "sequence.h"
#include "tree.h"

enum { SECTOR = 512 };

static int acknowledge(const char *device, int generation, struct err *e)
{
	alignas(4096) char sector[SECTOR] = "POWERCUT-ACK";
	FD_AUTO fd = open(device, O_WRONLY | O_DIRECT | O_CLOEXEC);
	off_t end = fd < 0 ? -1 : lseek(fd, -SECTOR, SEEK_END);

	snprintf(sector + 16, sizeof sector - 16, "%d", generation);
	if (end < 0 || pwrite(fd, sector, SECTOR, end) != SECTOR)
		return err_sys(e, "write the acknowledgement");
	return 0;
}

/* Each save believes that it is a day before the one before it. */
static void turn_clock_back(int step)
{
	const struct timespec then = { 1767225600 - 86400 * step, 0 };

	clock_settime(CLOCK_REALTIME, &then);
}

int record_save(const struct sequence *s, const char *device, const char *step, struct err *e)
{
	uint64_t bytes = 0;
	int generation;

	if (sscanf(step, "%d:%" SCNu64, &generation, &bytes) < 1)
		return err_say(e, "%s: not GENERATION:BYTES", step);
	if (box_change(generation, bytes, e) < 0)
		return -1;
	if ((generation == TREE_NONE ? s->reset : s->save)(e) < 0)
		return -1;
	return acknowledge(device, generation, e);
}

int record_saves(const char *sequence, const char *fstype, const char *device, char *const *steps,
                 struct err *e)
{
	const struct sequence *s = sequence_find(sequence);
	struct box b;

	if (!s)
		return err_say(e, "no sequence is called %s", sequence);
	if (box_open(&b, device, fstype, e) < 0 || box_mount(&b, e) < 0)
		return -1;
	for (int i = 0; steps[i]; i++) {
		turn_clock_back(i);
		if (record_save(s, device, steps[i], e) < 0)
			return err_wrap(e, "%s", steps[i]);
	}
	return 0;
}
