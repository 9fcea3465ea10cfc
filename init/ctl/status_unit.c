#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../base/clock.h"
#include "../base/command.h"
#include "client.h"
#include "show.h"
#include "tell.h"
#include "verbs.h"

static void print_process(pid_t pid)
{
	char path[64], text[200];
	size_t len;

	snprintf(path, sizeof path, "/proc/%d/cmdline", (int)pid);

	FILE *in = fopen(path, "re");

	if (!in)
		return;
	len = fread(text, 1, sizeof text - 1, in);
	fclose(in);
	while (len > 0 && text[len - 1] == '\0')
		len--;
	/* a command line is its process's to write: nothing in it may steer the terminal */
	for (size_t i = 0; i < len; i++)
		if (text[i] == '\0')
			text[i] = ' ';
		else if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			text[i] = '?';
	text[len] = '\0';
	printf("             %7d %s\n", (int)pid, text);
}

static void print_processes(const struct unit_info *u)
{
	pid_t pids[64];
	size_t n = unit_processes(u, pids, sizeof pids / sizeof *pids);
	char text[32];

	if (n == 0)
		return;
	printf("     memory: %s\n", show_bytes(unit_memory(u), text, sizeof text));
	printf("  processes:\n");
	for (size_t i = 0; i < n; i++)
		print_process(pids[i]);
}

static void print_state(const struct unit_info *u)
{
	char since[32];

	printf("      state: %s%s%s (%s)", show_colour(show_state_colour(u->active)), u->active,
	       show_end(), u->sub);
	if (u->changed_us)
		printf(" for %s", show_duration(clock_now_us() - u->changed_us, since, sizeof since));
	if (u->job[0])
		printf(", to %s", u->job);
	putchar('\n');
}

static void print_unit(const struct unit_info *u)
{
	printf("%s%s%s - %s\n", show_colour(SHOW_BOLD), u->name, show_end(), u->description);
	printf("     loaded: %s%s%s\n", u->load, u->fragment[0] ? " from " : "", u->fragment);
	if (u->reason[0])
		printf("        why: %s%s%s\n", show_colour(SHOW_RED), u->reason, show_end());
	print_state(u);
	if (strcmp(u->active, "failed") == 0)
		printf("     result: %s\n", u->result);
	if (u->exit[0])
		printf("   last end: %s\n", u->exit);
	if (u->restarts)
		printf("   restarts: %" PRIu64 "\n", u->restarts);
	if (u->status[0])
		printf("       says: %s\n", u->status);
	if (u->main_pid)
		printf("   main pid: %" PRIu64 "\n", u->main_pid);
	print_processes(u);
}

int status_unit(const char *name, int when_down)
{
	const char *names[] = { name, NULL };
	struct unit_list list;
	struct err e;
	int result = client_units(names, &list, &e), status = COMMAND_DONE;

	if (result < 0)
		tell_failed("status", &e);
	for (size_t i = 0; i < list.n; i++) {
		print_unit(&list.at[i]);
		if (strcmp(list.at[i].type, "service") == 0) {
			printf("        log:\n");
			log_tail(list.at[i].name, 10, "    ");
		}
		if (strcmp(list.at[i].active, "active") != 0 && strcmp(list.at[i].active, "reloading") != 0)
			status = when_down;
	}
	unit_list_free(&list);
	return result < 0 ? COMMAND_FAILED : status;
}
