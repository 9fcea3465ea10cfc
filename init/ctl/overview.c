#include "overview.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "../base/paths.h"
#include "../base/report.h"

static void read_degraded(struct overview *m)
{
	FILE *in = fopen(PATH_DEGRADED, "re");

	if (!in)
		return;
	while (m->degraded_n < OVERVIEW_DEGRADED_MAX &&
	       fgets(m->degraded[m->degraded_n], sizeof m->degraded[0], in)) {
		char *line = m->degraded[m->degraded_n];

		line[strcspn(line, "\n")] = '\0';
		report_clean(line);
		m->degraded_n += line[0] != '\0';
	}
	fclose(in);
}

void overview_read(struct overview *m)
{
	struct utsname uts;
	struct timespec up;
	struct err e;

	memset(m, 0, sizeof *m);
	if (uname(&uts) == 0) {
		snprintf(m->hostname, sizeof m->hostname, "%s", uts.nodename);
		snprintf(m->kernel, sizeof m->kernel, "%s", uts.release);
	}
	clock_gettime(CLOCK_BOOTTIME, &up);
	m->uptime_s = (double)up.tv_sec + (double)up.tv_nsec / 1e9;
	m->supervised = client_manager(&m->manager, &m->why) == 0 &&
	                client_units(NULL, &m->units, &m->why) == 0;
	m->summary_read = summary_read(&m->summary, &e) == 0;
	read_degraded(m);
}

void overview_free(struct overview *m)
{
	unit_list_free(&m->units);
}

const char *overview_state(const struct overview *m)
{
	if (!m->supervised)
		return "unsupervised";
	if (m->manager.shutdown[0] && strcmp(m->manager.shutdown, "none") != 0)
		return "stopping";
	if (!m->manager.finished_us)
		return "starting";
	return m->manager.failed || m->degraded_n ? "degraded" : "running";
}
