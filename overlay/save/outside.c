#include "outside.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>

#include "../../init/base/fd.h"
#include "save.h"

struct finding {
	int pristine; /* borrowed */
	struct learn *found;
	char fresh[MEMBER_PATH_MAX]; /* the directory entered last that the image has not */
};

static bool image_has(const struct finding *f, const char *directory)
{
	FD_AUTO fd = fd_open_beneath(f->pristine, directory, O_PATH | O_DIRECTORY, 0);

	return fd >= 0;
}

/* A sink's member function. */
static int note_member(void *finding, const struct member *m, const struct member_data *data,
                       struct err *e)
{
	struct finding *f = finding;
	bool inside = *f->fresh && member_is_below(m->path, f->fresh);

	(void)data;
	if (m->type == MEMBER_OPAQUE)
		return 0;
	if (m->type != MEMBER_DIRECTORY)
		return learn_note(f->found, m->path, m->size,
		                  strlen(inside ? f->fresh : m->path), e);
	if (!inside && !image_has(f, m->path))
		strcpy(f->fresh, m->path);
	return 0;
}

int outside_find(const struct layer *l, struct learn *found, struct err *e)
{
	struct finding finding = { .pristine = l->pristine_fd, .found = found };
	const struct sink sink = { note_member, &finding };

	*found = (struct learn){ 0 };
	return save_each_outside(l, true, &sink, e);
}
