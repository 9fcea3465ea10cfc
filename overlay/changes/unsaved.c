#include "unsaved.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../../init/base/report.h"

void unsaved_add(void *unsaved, const struct change *c)
{
	struct unsaved *u = unsaved;
	uint64_t at = u->n[c->class]++;
	const char *how = c->kind == 'A' ? "new" : c->kind == 'D' ? "deleted" : c->what;

	if (at >= UNSAVED_NAMED)
		return;

	char *name = u->names[c->class][at];
	size_t size = sizeof u->names[0][0], room = size - strlen(how) - sizeof " ()";

	/* what happened stays legible, whatever the path's length */
	snprintf(name, size, "%.*s%s (%s)", (int)(strlen(c->path) > room ? room - 3 : room),
	         c->path, strlen(c->path) > room ? "..." : "", how);
	report_clean(name);
}

uint64_t unsaved_count(const struct unsaved *u)
{
	uint64_t n = 0;

	for (size_t i = 0; i < CLASSES; i++)
		n += u->n[i];
	return n;
}

bool unsaved_matters(const struct unsaved *u)
{
	return u->n[CLASS_IDENTITY] || u->n[CLASS_CONFIG] || u->n[CLASS_DATA];
}

bool unsaved_line(const struct unsaved *u, enum class class, char line[UNSAVED_LINE_MAX])
{
	uint64_t n = u->n[class];
	size_t len = (size_t)snprintf(line, UNSAVED_LINE_MAX, "%s:", class_name(class));

	for (size_t i = 0; i < n && i < UNSAVED_NAMED; i++)
		len += (size_t)snprintf(line + len, UNSAVED_LINE_MAX - len, "%s %s", i ? "," : "",
		                        u->names[class][i]);
	if (n > UNSAVED_NAMED)
		snprintf(line + len, UNSAVED_LINE_MAX - len, " and %" PRIu64 " more",
		         n - UNSAVED_NAMED);
	return n > 0;
}
