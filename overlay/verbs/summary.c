#include "summary.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "../../init/base/clock.h"
#include "../../init/base/fd.h"
#include "../../init/base/paths.h"
#include "../../init/base/span.h"
#include "../changes/changes.h"
#include "../medium/medium.h"
#include "../save/outside.h"
#include "../save/remote.h"
#include "../slot/known.h"
#include "../slot/trialfile.h"
#include "cli.h"

static void trouble(struct summary *s, const char *text)
{
	if (!s->trouble[0])
		snprintf(s->trouble, sizeof s->trouble, "%s", text);
}

static void read_upper(const struct layer *l, struct summary *s)
{
	struct statvfs st;

	s->layered = l->upper_fd >= 0 && l->pristine_fd >= 0;
	if (l->upper_fd < 0 || fstatvfs(l->upper_fd, &st) < 0)
		return;
	s->upper_limit = (uint64_t)st.f_blocks * st.f_frsize;
	s->upper_used = (uint64_t)(st.f_blocks - st.f_bfree) * st.f_frsize;
	s->inodes_limit = st.f_files;
	s->inodes_used = st.f_files - st.f_ffree;
}

/* Who has nearly filled it is worth a walk then. */
static void read_memory(const struct layer *l, struct summary *s)
{
	bool bytes = heaviest_is_due(s->upper_used, s->upper_limit);
	bool files = heaviest_is_due(s->inodes_used, s->inodes_limit);
	struct err why;

	if (meminfo_read(&s->memory, &why) < 0)
		trouble(s, why.text);
	if ((bytes || files) && heaviest_find(l->upper_fd, !bytes, &s->heaviest, &why) < 0)
		trouble(s, why.text);
}

static void read_medium(const struct layer *l, struct summary *s)
{
	struct medium_info m;

	medium_read(l, &m);
	s->medium_present = l->medium_fd >= 0;
	s->medium_writable = m.writable;
	snprintf(s->device, sizeof s->device, "%s", m.device);
	snprintf(s->label, sizeof s->label, "%s", m.label);
	snprintf(s->fstype, sizeof s->fstype, "%s", m.fstype);
	if (s->medium_present && strncmp(m.device, "/dev/", 5) == 0 && access(m.device, F_OK) < 0) {
		char text[256];

		snprintf(text, sizeof text, "the medium (%s) was pulled out", m.title);
		trouble(s, text);
	}
}

static void read_toram(struct summary *s)
{
	struct toramfile t;

	toramfile_read(PATH_TORAM, &t);
	s->toram = t.state;
	s->toram_done = t.done;
	s->toram_whole = t.whole;
}

static uint64_t value(const char *path, const char *key)
{
	char text[32];
	uint64_t number = 0;
	struct err ignored;

	if (fd_read_value(path, key, text, sizeof text, &ignored) > 0)
		span_uint(span_of(text), INT64_MAX, &number);
	return number;
}

static void read_restored(const struct layer *l, struct summary *s)
{
	s->restored = value(l->restored, "restored") == 1;
	s->restored_sequence = value(l->restored, "sequence");
	s->restored_time = (int64_t)value(l->restored, "time");
}

/* The images of boot.json, as slate-boot wrote it: "images":[{"path":"…",…,"verified":true},…]. */
static void read_images(struct summary *s)
{
	char *text = malloc(65536), *at, *end;
	struct err e;
	size_t fill = 0;

	if (text && fd_read_file(AT_FDCWD, PATH_BOOT_JSON, text, 65536, &e) >= 0 &&
	    (at = strstr(text, "\"images\":["))) {
		end = strchr(at, ']');
		if (end)
			*end = '\0';
		s->verified = strstr(at, "\"path\":\"") && !strstr(at, "\"verified\":false");
		while ((at = strstr(at, "\"path\":\"")) && fill < sizeof s->images) {
			at += 8;
			fill += (size_t)snprintf(s->images + fill, sizeof s->images - fill,
			                         "%s%.*s", fill ? ", " : "", (int)strcspn(at, "\""),
			                         at);
		}
	}
	free(text);
}

static void tell_missing(const struct layer *l, struct generations *g, struct summary *s)
{
	const struct slot *newest = slotset_highest(&g->set);
	char text[KNOWN_TEXT];

	if (known_missing(known_read(l->known, l->name), newest ? newest->record.sequence : 0,
	                  text))
		trouble(s, text);
}

static void count_slots(struct generations *g, struct summary *s)
{
	const struct slot *newest = slotset_newest(&g->set);

	s->slots = (unsigned)g->set.n;
	for (size_t i = 0; i < g->set.n; i++) {
		s->generations += g->set.slots[i].state == SLOT_VALID;
		s->damaged += g->set.slots[i].state == SLOT_DAMAGED ||
		              g->set.slots[i].state == SLOT_UNUSABLE;
	}
	if (newest) {
		s->newest_sequence = newest->record.sequence;
		s->newest_time = newest->record.time;
	}
}

static void read_trial(const struct layer *l, struct summary *s)
{
	struct trialfile t;
	struct err e;
	int found = trialfile_read(l->trial, &t, &e);

	if (found < 0)
		trouble(s, e.text);
	if (found <= 0 || t.ended || !t.sequence)
		return;
	s->trial_sequence = t.sequence;
	s->trial_left_s = (uint64_t)clock_left_ms(t.deadline_ms) / 1000;
}

/* What is saved already: the newest generation's manifest; empty when there is none. */
static int read_saved(const struct layer *l, struct summary *s, struct manifest *m, struct err *e)
{
	const struct sink sink = { manifest_member, m };
	struct generations g;
	struct chosen chosen = { .fd = -1 };
	int result;

	if (l->remote.state != REMOTE_NONE)
		return remote_read_archive(l, &sink, e);
	if (l->medium_fd < 0)
		return 0;
	result = layer_generations(l, &g, e);
	count_slots(&g, s);
	tell_missing(l, &g, s);
	if (result == 0)
		result = generations_choose(&g, GENERATION_NEWEST, l->pristine_fd, &chosen, e);
	if (result > 0)
		result = archive_read(&chosen.archive, &sink, e);
	fd_drop(&chosen.fd);
	generations_drop(&g);
	return result;
}

static int count_unsaved(const struct layer *l, struct summary *s, struct err *e)
{
	struct manifest old = { 0 }, now = { 0 };
	const struct sink sink = { manifest_member, &now };
	const struct save_options quiet = { 0 };
	const struct changes changes = { .old = &old,
		                         .now = &now,
		                         .pristine = l->pristine_fd,
		                         .tell = unsaved_add,
		                         .ctx = &s->unsaved,
		                         .given = &l->given };
	long n = -1;

	if (read_saved(l, s, &old, e) >= 0 && s->layered && save_each(l, &quiet, &sink, e) == 0) {
		manifest_finish(&old);
		manifest_finish(&now);
		n = changes_find(&changes, e);
	}
	manifest_drop(&old);
	manifest_drop(&now);
	return n < 0 && s->layered ? -1 : 0;
}

static int count_outside(const struct layer *l, struct summary *s, struct err *e)
{
	struct learn found;
	int result;

	if (!s->layered)
		return 0;
	result = outside_find(l, &found, e);
	s->outside = found.worth;
	learn_drop(&found);
	return result;
}

int summary_read(struct summary *s, struct err *e)
{
	struct layer l;
	struct err why = { 0 };

	*s = (struct summary){ 0 };
	layer_default(&l);
	if (layer_open(&l, e) < 0) {
		layer_close(&l);
		return -1;
	}
	read_upper(&l, s);
	read_memory(&l, s);
	read_medium(&l, s);
	read_toram(s);
	if (l.away.text[0])
		trouble(s, l.away.text);
	read_restored(&l, s);
	read_trial(&l, s);
	read_images(s);
	if (count_unsaved(&l, s, &why) < 0 || count_outside(&l, s, &why) < 0)
		trouble(s, why.text);
	layer_close(&l);
	return 0;
}
