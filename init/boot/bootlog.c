#include "bootlog.h"

#include <errno.h>

#include "../base/clock.h"
#include "../base/json.h"
#include "../base/paths.h"

static const char *const results[] = {
	[STAGE_NOT_RUN] = "ok", /* the one that runs now */
	[STAGE_OK] = "ok",
	[STAGE_SKIPPED] = "skipped",
	[STAGE_FAILED] = "failed",
};

static void write_medium(struct json *j, const struct medium *m)
{
	char device[sizeof m->device + sizeof "/dev/"];

	snprintf(device, sizeof device, "/dev/%s", m->device);
	json_object(j, "medium");
	json_text(j, "device", m->device[0] ? device : NULL);
	json_text(j, "label", m->found.label);
	json_text(j, "uuid", m->found.uuid);
	json_text(j, "fstype", m->found.fstype);
	json_text(j, "path", PATH_MEDIUM);
	json_end(j);
}

static void write_images(struct json *j, const struct root *r)
{
	json_array(j, "images");
	for (size_t i = 0; i < r->n; i++) {
		json_object(j, NULL);
		json_text(j, "path", r->images[i].path[0] ? r->images[i].path : NULL);
		json_text(j, "fstype", r->images[i].fstype);
		json_text(j, "loop", r->images[i].loop[0] ? r->images[i].loop : NULL);
		json_number(j, "size", (int64_t)r->images[i].size);
		json_bool(j, "verified", r->images[i].verified);
		if (r->images[i].verified) {
			json_text(j, "name", r->images[i].name);
			json_number(j, "version", (int64_t)r->images[i].version);
		}
		json_end(j);
	}
	json_end(j);
}

static void write_restored(struct json *j, const struct restore_result *r)
{
	if (!r->restored) {
		json_text(j, "restored", NULL);
		return;
	}
	json_object(j, "restored");
	json_number(j, "sequence", (int64_t)r->sequence);
	json_number(j, "time", r->time);
	json_number(j, "files", (int64_t)r->files);
	json_text(j, "source", r->source);
	json_end(j);
}

static void write_stages(struct json *j, const struct boot *b)
{
	json_array(j, "stages");
	for (size_t i = 0; i < b->n_stages; i++) {
		const struct stage_record *s = &b->stages[i];

		json_object(j, NULL);
		json_text(j, "name", s->name);
		json_number(j, "start_us", (int64_t)s->start_us);
		json_number(j, "end_us", (int64_t)(s->end_us ? s->end_us : clock_now_us()));
		json_text(j, "result", results[s->result]);
		json_text(j, "error", s->error[0] ? s->error : NULL);
		json_end(j);
	}
	json_end(j);
}

int bootlog_write(const struct boot *b, struct err *e)
{
	FILE *out = fopen(PATH_BOOT_JSON, "we");
	struct json j;

	if (!out)
		return err_sys(e, "open " PATH_BOOT_JSON);
	json_open(&j, out);
	json_object(&j, NULL);
	json_text(&j, "version", SLATE_VERSION);
	json_number(&j, "kernel_us", (int64_t)b->kernel_us);
	write_medium(&j, &b->medium);
	write_images(&j, &b->root);
	write_restored(&j, &b->restored);
	write_stages(&j, b);
	json_end(&j);
	if (fclose(out) != 0)
		return err_sys(e, "write " PATH_BOOT_JSON);
	return 0;
}
