#include "aliases.h"

#include <stdio.h>
#include <string.h>

/* The first row whose prefix and part are both in the alias decides. */
static const struct {
	const char *prefix, *part;
	enum alias_rank rank;
} ranks[] = {
	{ "pci:v00001AF4", "bc01", RANK_FAST }, /* virtio, of the class mass storage */
	{ "pci:", "bc01sc08", RANK_FAST },      /* NVMe */
	{ "pci:", "bc01sc01", RANK_SLOW },      /* IDE */
	{ "pci:", "bc01", RANK_STORAGE },
	{ "pci:", "bc0Csc03", RANK_BUS }, /* USB host */
	{ "pci:", "bc08sc05", RANK_BUS }, /* SD host */
	{ "pci:", "bc08sc80", RANK_WATCHDOG },  /* 6300ESB, iLO */
	{ "pci:", "bc06sc01", RANK_WATCHDOG },  /* the bridge that Intel's TCO is in */
	{ "pci:", "bc0Csc05", RANK_WATCHDOG },  /* and the SMBus, of Intel's and AMD's */
	{ "platform:iTCO_wdt", "", RANK_WATCHDOG },
	{ "platform:wdat_wdt", "", RANK_WATCHDOG },
	{ "pci:", "bc02", RANK_NETWORK },
	{ "pci:", "bc05", RANK_OTHER },
	{ "pci:v00001AF4", "", RANK_OTHER }, /* virtio of another class: console, balloon */
	{ "virtio:d00000001v", "", RANK_NETWORK },
	{ "virtio:d00000002v", "", RANK_FAST }, /* block */
	{ "virtio:d00000008v", "", RANK_FAST }, /* SCSI */
	{ "virtio:", "", RANK_OTHER },
	{ "usb:", "ic08", RANK_STORAGE },
	{ "usb:", "ic09", RANK_BUS },
	{ "usb:", "", RANK_OTHER },
	{ "scsi:t-0x00", "", RANK_FAST },    /* a disk behind a driver that is loaded */
	{ "scsi:t-0x05", "", RANK_STORAGE }, /* CD */
	{ "scsi:", "", RANK_OTHER },
	{ "mmc:", "", RANK_STORAGE },
	{ "vmbus:", "", RANK_BUS },
	{ "xen:vbd", "", RANK_STORAGE },
	{ "acpi:LNRO0005", "", RANK_FAST }, /* virtio on a microvm */
};

enum alias_rank alias_rank(const char *alias)
{
	for (size_t i = 0; i < sizeof ranks / sizeof *ranks; i++)
		if (span_starts(span_of(alias), ranks[i].prefix) && strstr(alias, ranks[i].part))
			return ranks[i].rank;
	return RANK_OTHER;
}

void aliases_add(struct aliases *a, const char *alias)
{
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->rows[i].text, alias) == 0)
			return;
	if (a->n == ALIASES_MAX || strlen(alias) >= sizeof a->rows->text) {
		a->dropped++;
		return;
	}
	a->rows[a->n].taken = false;
	a->rows[a->n].rank = (unsigned char)alias_rank(alias);
	strcpy(a->rows[a->n++].text, alias);
}

const char *aliases_take(struct aliases *a, enum alias_rank worst)
{
	size_t best = a->n;

	for (size_t i = 0; i < a->n; i++)
		if (!a->rows[i].taken && a->rows[i].rank <= (unsigned)worst &&
		    (best == a->n || a->rows[i].rank < a->rows[best].rank))
			best = i;
	if (best == a->n)
		return NULL;
	a->rows[best].taken = true;
	return a->rows[best].text;
}
