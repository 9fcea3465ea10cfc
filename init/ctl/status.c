#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../base/clock.h"
#include "../base/command.h"
#include "../base/report.h"
#include "overview.h"
#include "show.h"
#include "tell.h"
#include "verbs.h"

static void label(const char *text)
{
	printf("%s%10s%s  ", show_colour(SHOW_GREY), text, show_end());
}

static enum show_colour colour_of(const char *state)
{
	if (strcmp(state, "running") == 0)
		return SHOW_GREEN;
	return strcmp(state, "degraded") == 0 ? SHOW_RED : SHOW_YELLOW;
}

static void print_head(const struct overview *m)
{
	const char *state = overview_state(m);
	char up[32];

	printf("%s%s%s  %s%s%s, up %s, kernel %s\n", show_colour(SHOW_BOLD), m->hostname, show_end(),
	       show_colour(colour_of(state)), state, show_end(),
	       show_duration((uint64_t)(m->uptime_s * 1e6), up, sizeof up), m->kernel);
	if (!m->supervised) {
		label("services");
		printf("%s\n", m->why.text);
	}
}

static void print_medium(const struct summary *s)
{
	label("medium");
	if (!s->medium_present) {
		printf("none\n");
		return;
	}
	printf("%s%s%s%s (%s)%s\n", s->device, s->label[0] ? " LABEL=" : "", s->label, "", s->fstype,
	       s->medium_writable ? ", writable" : ", read-only");
}

static void print_saved(const struct summary *s)
{
	char time[32];

	label("saved");
	if (s->restored && s->restored_sequence)
		printf("generation %" PRIu64 " of %s was restored", s->restored_sequence,
		       show_time(s->restored_time, time, sizeof time));
	else
		printf("%s", s->restored ? "an Alpine archive was restored" : "nothing was restored");
	if (s->newest_sequence && s->newest_sequence != s->restored_sequence)
		printf("; the newest is %" PRIu64 " of %s", s->newest_sequence,
		       show_time(s->newest_time, time, sizeof time));
	if (s->slots)
		printf("; %u generation%s in %u slots", s->generations, s->generations == 1 ? "" : "s",
		       s->slots);
	if (s->damaged)
		printf(", %s%u damaged%s", show_colour(SHOW_RED), s->damaged, show_end());
	putchar('\n');
	if (s->trial_sequence) {
		label("trial");
		printf("%sgeneration %" PRIu64 ", for %s more%s (slate confirm keeps it)\n",
		       show_colour(SHOW_YELLOW), s->trial_sequence,
		       show_duration(s->trial_left_s * 1000000, time, sizeof time), show_end());
	}
}

static void print_unsaved(const struct summary *s)
{
	uint64_t n = unsaved_count(&s->unsaved);
	char line[UNSAVED_LINE_MAX];

	label("unsaved");
	if (n)
		printf("%s%" PRIu64 " change%s%s (slate diff shows them, slate save keeps them)\n",
		       show_colour(SHOW_YELLOW), n, n == 1 ? "" : "s", show_end());
	else
		printf("nothing\n");
	for (enum class class = CLASS_IDENTITY; class < CLASSES; class++)
		if (unsaved_line(&s->unsaved, class, line))
			printf("%12s%s\n", "", line);
	if (s->outside) {
		label("never kept");
		printf("%" PRIu64 " file%s that save.list leaves out (slate learn proposes lines)\n",
		       s->outside, s->outside == 1 ? "" : "s");
	}
}

/* The medium's part: whether it may be pulled out. */
static void print_toram(const struct summary *s)
{
	char done[24], whole[24];

	if (s->toram == TORAM_NOTHING)
		return;
	label("toram");
	show_bytes(s->toram_done, done, sizeof done);
	show_bytes(s->toram_whole, whole, sizeof whole);
	if (s->toram == TORAM_HELD)
		printf("%s%s in memory: the medium may be removed%s\n", show_colour(SHOW_GREEN), whole,
		       show_end());
	else if (s->toram == TORAM_COPYING)
		printf("%s%s of %s copied to memory: the medium must stay%s\n",
		       show_colour(SHOW_YELLOW), done, whole, show_end());
	else
		printf("%snot in memory: the medium must stay%s\n", show_colour(SHOW_RED), show_end());
}

/* Who fills the overlay, while something can still be done about it. */
static void print_heaviest(const struct summary *s)
{
	char name[sizeof s->heaviest.name], bytes[24];

	if (!s->heaviest.name[0])
		return;
	snprintf(name, sizeof name, "%s", s->heaviest.name);
	report_clean(name);
	printf("%12s%snearly full: /%s has grown most, to %s in %" PRIu64 " files%s\n", "",
	       show_colour(SHOW_RED), name, show_bytes(s->heaviest.bytes, bytes, sizeof bytes),
	       s->heaviest.files, show_end());
}

static void print_memory(const struct meminfo *m)
{
	char total[24], available[24], files[24], swapped[24], swap[24];

	if (!m->total)
		return;
	label("memory");
	printf("%s, %s free; %s of it are files (overlay, images, /run)",
	       show_bytes(m->total, total, sizeof total),
	       show_bytes(m->available, available, sizeof available),
	       show_bytes(m->shmem, files, sizeof files));
	if (m->swap_total)
		printf("; %s of %s swapped",
		       show_bytes(m->swap_total - m->swap_free, swapped, sizeof swapped),
		       show_bytes(m->swap_total, swap, sizeof swap));
	putchar('\n');
}

static void print_overlay(const struct summary *s)
{
	char used[24], limit[24];

	label("image");
	printf("%s%s\n", s->images[0] ? s->images : "the file system itself",
	       s->verified ? ", verified" : ", not verified");
	print_medium(s);
	print_toram(s);
	label("overlay");
	printf("%s of %s in memory, %" PRIu64 " of %" PRIu64 " files\n",
	       show_bytes(s->upper_used, used, sizeof used),
	       show_bytes(s->upper_limit, limit, sizeof limit), s->inodes_used, s->inodes_limit);
	print_heaviest(s);
	print_memory(&s->memory);
	print_unsaved(s);
	print_saved(s);
}

static void print_watchdog(const struct manager_info *i)
{
	if (!i->watchdog[0])
		return;
	label("watchdog");
	if (i->watchdog_sick[0])
		printf("%s%s; %s restarts this machine within %" PRIu64 " s%s\n", show_colour(SHOW_RED),
		       i->watchdog_sick, i->watchdog, i->watchdog_s, show_end());
	else
		printf("%s, fed; %" PRIu64 " s without that restart this machine\n", i->watchdog,
		       i->watchdog_s);
}

static void print_summary(const struct overview *m)
{
	if (m->summary_read && m->summary.layered)
		print_overlay(&m->summary);
	if (m->summary_read && m->summary.layered && m->summary.trouble[0]) {
		label("trouble");
		printf("%s\n", m->summary.trouble);
	}
	for (size_t i = 0; i < m->degraded_n; i++) {
		label("degraded");
		printf("%s%s%s\n", show_colour(SHOW_RED), m->degraded[i], show_end());
	}
}

static void print_times(const struct unit_info *u)
{
	char text[32];
	uint64_t memory;

	if (u->changed_us)
		printf("  %s", show_duration(clock_now_us() - u->changed_us, text, sizeof text));
	memory = u->main_pid ? unit_memory(u) : 0;
	if (memory)
		printf("  %s", show_bytes(memory, text, sizeof text));
	if (u->restarts)
		printf("  %s%" PRIu64 " restarts%s", show_colour(SHOW_YELLOW), u->restarts, show_end());
	if (u->status[0])
		printf("  \"%s\"", u->status);
}

static void print_row(void *ctx, const struct unit_info *u, int depth)
{
	bool failed = strcmp(u->active, "failed") == 0;

	(void)ctx;
	printf("  %*s%s%s%s %s", 2 * depth, "", show_colour(show_state_colour(u->active)),
	       failed ? "x" : strcmp(u->active, "active") == 0 ? "*" : "o", show_end(), u->name);
	if (strcmp(u->type, "target") != 0) {
		printf("  %s%s%s", show_colour(show_state_colour(u->active)), u->sub, show_end());
		print_times(u);
	}
	if (u->reason[0])
		printf("  %s%s%s", show_colour(SHOW_RED), u->reason, show_end());
	else if (failed)
		printf("  %s%s%s", u->result, u->exit[0] ? ": " : "", u->exit);
	putchar('\n');
	if (failed && strcmp(u->type, "service") == 0) {
		char indent[64];

		snprintf(indent, sizeof indent, "  %*s    ", 2 * depth, "");
		log_tail(u->name, 3, indent);
	}
}

void overview_print(const struct overview *m)
{
	print_head(m);
	print_summary(m);
	print_watchdog(&m->manager);
	if (m->supervised)
		overview_tree(m, print_row, NULL);
}

int ctl_status(int argc, char **argv)
{
	static struct overview m;
	bool as_json = argc > 1 && strcmp(argv[1], "--json") == 0;
	int status = COMMAND_DONE;

	if (argc > 1 && argv[1][0] == '-' && !as_json)
		return tell_usage(argv[0]);
	for (int i = 1; i < argc && !as_json; i++) {
		int one = status_unit(argv[i], COMMAND_DONE);

		status = one ? one : status;
	}
	if (argc > 1 && !as_json)
		return status;
	overview_read(&m);
	if (as_json)
		overview_print_json(&m);
	else
		overview_print(&m);
	overview_free(&m);
	return COMMAND_DONE;
}
