#include <stdio.h>
#include <string.h>

#include "../base/clock.h"
#include "../base/json.h"
#include "overview.h"

static void put_toram(struct json *j, const struct summary *s)
{
	static const char *const states[] = {
		[TORAM_NOTHING] = "no",
		[TORAM_COPYING] = "copying",
		[TORAM_HELD] = "held",
		[TORAM_LOST] = "failed",
	};

	json_object(j, "toram");
	json_text(j, "state", states[s->toram]);
	json_number(j, "done", (int64_t)s->toram_done);
	json_number(j, "whole", (int64_t)s->toram_whole);
	json_bool(j, "removable", s->toram == TORAM_HELD);
	json_end(j);
}

static void put_summary(struct json *j, const struct summary *s)
{
	json_object(j, "image");
	json_text(j, "images", s->images);
	json_bool(j, "verified", s->verified);
	json_end(j);

	json_object(j, "medium");
	json_bool(j, "present", s->medium_present);
	json_text(j, "device", s->device);
	json_text(j, "label", s->label);
	json_text(j, "fstype", s->fstype);
	json_bool(j, "writable", s->medium_writable);
	json_end(j);

	put_toram(j, s);

	json_object(j, "overlay");
	json_number(j, "used", (int64_t)s->upper_used);
	json_number(j, "limit", (int64_t)s->upper_limit);
	json_number(j, "files", (int64_t)s->inodes_used);
	json_number(j, "files_most", (int64_t)s->inodes_limit);
	json_number(j, "unsaved_changes", (int64_t)unsaved_count(&s->unsaved));
	json_object(j, "unsaved");
	for (enum class class = CLASS_IDENTITY; class < CLASSES; class++)
		json_number(j, class_name(class), (int64_t)s->unsaved.n[class]);
	json_end(j);
	json_number(j, "never_kept", (int64_t)s->outside);
	json_end(j);

	if (s->heaviest.name[0]) {
		json_object(j, "nearly_full");
		json_text(j, "grown_most", s->heaviest.name);
		json_number(j, "bytes", (int64_t)s->heaviest.bytes);
		json_number(j, "files", (int64_t)s->heaviest.files);
		json_end(j);
	}

	json_object(j, "memory");
	json_number(j, "total", (int64_t)s->memory.total);
	json_number(j, "available", (int64_t)s->memory.available);
	json_number(j, "files", (int64_t)s->memory.shmem);
	json_number(j, "swap", (int64_t)s->memory.swap_total);
	json_number(j, "swap_free", (int64_t)s->memory.swap_free);
	json_end(j);

	json_object(j, "saved");
	json_bool(j, "restored", s->restored);
	json_number(j, "restored_generation", (int64_t)s->restored_sequence);
	json_number(j, "restored_time", s->restored_time);
	json_number(j, "newest_generation", (int64_t)s->newest_sequence);
	json_number(j, "newest_time", s->newest_time);
	if (s->trial_sequence) {
		json_number(j, "trial_generation", (int64_t)s->trial_sequence);
		json_number(j, "trial_left_s", (int64_t)s->trial_left_s);
	}
	json_number(j, "generations", s->generations);
	json_number(j, "slots", s->slots);
	json_number(j, "damaged", s->damaged);
	json_end(j);
}

static void put_unit(void *ctx, const struct unit_info *u, int depth)
{
	struct json *j = ctx;

	(void)depth;
	if (strcmp(u->type, "service") != 0)
		return;
	json_object(j, NULL);
	json_text(j, "name", u->name);
	json_text(j, "active", u->active);
	json_text(j, "sub", u->sub);
	json_number(j, "for_s", u->changed_us ? (int64_t)((clock_now_us() - u->changed_us) / 1000000) : 0);
	json_number(j, "main_pid", (int64_t)u->main_pid);
	json_number(j, "memory", (int64_t)(u->main_pid ? unit_memory(u) : 0));
	json_number(j, "restarts", (int64_t)u->restarts);
	json_text(j, "result", u->result);
	json_text(j, "says", u->status);
	json_text(j, "description", u->description);
	json_end(j);
}

static void put_targets(void *ctx, const struct unit_info *u, int depth)
{
	(void)depth;
	if (strcmp(u->type, "target") == 0)
		json_text(ctx, NULL, u->name);
}

static void put_watchdog(struct json *j, const struct manager_info *i)
{
	if (!i->watchdog[0])
		return;
	json_object(j, "watchdog");
	json_text(j, "device", i->watchdog);
	json_number(j, "timeout_s", (int64_t)i->watchdog_s);
	json_text(j, "held_back_by", i->watchdog_sick);
	json_end(j);
}

void overview_print_json(const struct overview *m)
{
	struct json j;

	json_open(&j, stdout);
	json_object(&j, NULL);
	json_object(&j, "machine");
	json_text(&j, "hostname", m->hostname);
	json_text(&j, "state", overview_state(m));
	json_text(&j, "kernel", m->kernel);
	json_number(&j, "uptime_s", (int64_t)m->uptime_s);
	json_text(&j, "slate", SLATE_VERSION);
	json_number(&j, "failed_units", (int64_t)m->manager.failed);
	put_watchdog(&j, &m->manager);
	json_end(&j);
	json_array(&j, "degraded");
	for (size_t i = 0; i < m->degraded_n; i++)
		json_text(&j, NULL, m->degraded[i]);
	json_end(&j);
	if (m->summary_read && m->summary.layered)
		put_summary(&j, &m->summary);
	json_array(&j, "services");
	if (m->supervised)
		overview_tree(m, put_unit, &j);
	json_end(&j);
	json_array(&j, "targets");
	if (m->supervised)
		overview_tree(m, put_targets, &j);
	json_end(&j);
	json_end(&j);
	putchar('\n');
}
