#include "giving.h"

#include <fcntl.h>
#include <unistd.h>

#include "../../overlay/changes/given.h"
#include "../base/fd.h"
#include "../base/paths.h"

static void tell(const struct boot *b, const struct err *e)
{
	boot_degrade(b, "what the boot gives counts as unsaved changes: %s", e->text);
}

/* A file without a name, which children write to as well. */
void giving_start(struct boot *b)
{
	struct err e;

	fd_drop(&b->given);
	b->given = open(PATH_RUN, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (b->given >= 0)
		return;
	err_sys(&e, "make a list of it");
	tell(b, &e);
}

void giving_note(struct boot *b, const char *path)
{
	struct err e;

	if (b->given >= 0 && given_note(b->given, b->sysroot, path, &e) < 0)
		tell(b, &e);
}

int giving_member(void *boot, const struct member *m, const struct member_data *data,
                  struct err *e)
{
	struct boot *b = boot;

	(void)data;
	return *m->path && b->given >= 0 ? given_note(b->given, b->sysroot, m->path, e) : 0;
}

void giving_end(struct boot *b)
{
	FD_AUTO names = fd_take(&b->given);
	FD_AUTO upper = names < 0 ? -1 : open(PATH_UPPER, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct err e;

	if (names < 0)
		return;
	if (upper < 0)
		err_sys(&e, "open " PATH_UPPER);
	if (upper < 0 || given_write(PATH_GIVEN, names, upper, &e) < 0)
		tell(b, &e);
}
