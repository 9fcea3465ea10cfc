#include "chain.h"

#include <fcntl.h>
#include <linux/blkpg.h>
#include <stdio.h>
#include <sys/ioctl.h>

#include "../../../init/base/fd.h"
#include "box.h"
#include "record.h"
#include "sequence.h"
#include "tree.h"

/* The kernel is told of a partition that no table names. */
static int add_part(int disk, int number, uint64_t bytes, struct err *e)
{
	struct blkpg_partition part = {
		.start = (long long)(bytes * (uint64_t)number),
		.length = (long long)bytes,
		.pno = number + 1,
	};
	struct blkpg_ioctl_arg arg = {
		.op = BLKPG_ADD_PARTITION, .datalen = sizeof part, .data = &part
	};

	return ioctl(disk, BLKPG, &arg) < 0 ? err_sys(e, "part of " DISK_DEVICE) : 0;
}

static int visit(int number, const char *fstype, const struct sequence *s, const char *step,
                 struct err *e)
{
	struct record r = { .sequence = s };
	struct err why = { 0 };
	char device[32];
	struct box b;
	int saved;

	snprintf(device, sizeof device, DISK_DEVICE "%d", number + 1);
	if (box_open(&b, device, fstype, e) < 0)
		return -1;
	if (box_mount(&b, &why) < 0) {
		printf("@%d unmountable refused %s\n", number, why.text);
		return 0;
	}
	r.box = &b;
	r.kept = box_restore(&b);
	if (r.kept == TREE_TORN)
		printf("@%d torn ", number);
	else
		printf("@%d %d ", number, r.kept);
	saved = record_step(&r, step, &why);
	printf("%s %s| %s\n", saved < 0 ? "refused" : "ok", b.degraded, why.text);
	return box_unmount(e);
}

int chain_round(const struct chain *c, const char *sequence, const char *fstype, const char *step,
                struct err *e)
{
	const struct sequence *s = sequence_find(sequence);
	FD_AUTO disk = open(DISK_DEVICE, O_RDONLY | O_CLOEXEC);

	if (!s)
		return err_say(e, "no sequence is called %s", sequence);
	if (disk < 0)
		return err_sys(e, "open " DISK_DEVICE);
	for (int i = 0; i < c->media; i++)
		if (add_part(disk, i, c->bytes, e) < 0 || visit(i, fstype, s, step, e) < 0)
			return err_wrap(e, "medium %d", i);
	return 0;
}
