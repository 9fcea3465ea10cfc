/* Any text as a save.list: refused with a line's number, or rules that give every
 * path an answer; a directory that holds something kept is always reached. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../overlay/member.h"
#include "../../overlay/savelist.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_path(const struct savelist *l, const char *path)
{
	char above[MEMBER_PATH_MAX];

	if (savelist_kind(l, path) == SAVE_LEAVE)
		return;
	for (strcpy(above, path); strrchr(above, '/');) {
		*strrchr(above, '/') = '\0';
		if (!savelist_reaches(l, above))
			abort();
	}
}

static void check_line(const struct savelist *l, struct span line)
{
	char path[MEMBER_PATH_MAX];
	struct err e;

	if (line.len > 0 && member_path(line.at + 1, line.len - 1, path, &e) == 0 && *path)
		check_path(l, path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = { (const char *)data, size }, line;
	struct savelist l;
	struct err e = { 0 };

	if (size > 4096) /* a path a line against a rule a line: quadratic */
		return 0;
	if (savelist_start(&l, &e) < 0)
		abort();
	if (savelist_add(&l, text, &e) < 0) {
		if (strncmp(e.text, "line ", 5) != 0)
			abort();
	} else {
		while (span_line(&text, &line))
			check_line(&l, line);
	}
	savelist_drop(&l);
	return 0;
}
