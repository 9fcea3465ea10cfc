#include "chain.h"

#include <stdio.h>

#include "box.h"
#include "record.h"
#include "sequence.h"
#include "tree.h"

static int visit(int number, const char *fstype, const struct sequence *s, const char *step,
                 struct err *e)
{
	const char device[] = { '/', 'd', 'e', 'v', '/', 'v', 'd', (char)('a' + number), '\0' };
	struct record r = { .sequence = s };
	struct err why = { 0 };
	struct box b;
	int saved;

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

int chain_round(const char *sequence, const char *fstype, const char *step, int media,
                struct err *e)
{
	const struct sequence *s = sequence_find(sequence);

	if (!s)
		return err_say(e, "no sequence is called %s", sequence);
	for (int i = 0; i < media && i < 26; i++)
		if (visit(i, fstype, s, step, e) < 0)
			return err_wrap(e, "medium %d", i);
	return 0;
}
