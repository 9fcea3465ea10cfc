#include "parts.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Each part, and its places below: the folder of `slate` (a build folder), the
 * library folder (lib/slate), the source tree. NULL: not there. */
static const struct {
	size_t offset;
	const char *near, *library, *tree;
} places[] = {
	{ offsetof(struct parts, boot), "slate-boot", "slate-boot", NULL },
	{ offsetof(struct parts, init), "slate-init", "slate-init", NULL },
	{ offsetof(struct parts, slate), "slate", "slate", NULL },
	{ offsetof(struct parts, busybox), "busybox", "busybox", NULL },
	{ offsetof(struct parts, fetch), "slate-fetch", "slate-fetch", NULL },
	{ offsetof(struct parts, hooks), NULL, "hooks", "hooks" },
	{ offsetof(struct parts, units), NULL, "system", "hooks/units" },
	{ offsetof(struct parts, drivers), NULL, "drivers.txt", "image/drivers.txt" },
};

static bool is_there(char *out, size_t size, const char *folder, const char *name)
{
	int len = name ? snprintf(out, size, "%s/%s", folder, name) : -1;

	return len > 0 && (size_t)len < size && access(out, R_OK) == 0;
}

static int self_path(char *out, size_t size, struct err *e)
{
	ssize_t len = readlink("/proc/self/exe", out, size - 1);

	if (len < 0)
		return err_sys(e, "readlink /proc/self/exe");
	out[len] = '\0';
	return 0;
}

/* The library folder of a program in `bin`, and the source tree of one in a
 * build folder; SLATE_LIB goes first, then what stands beside. */
struct roots {
	char near[256], library[300], tree[300];
};

static int find_roots(struct roots *r, const char *self, struct err *e)
{
	char path[256];
	const char *given = getenv("SLATE_LIB"), *tree = getenv("SLATE_TREE");

	if (self)
		snprintf(path, sizeof path, "%s", self);
	else if (self_path(path, sizeof path, e) < 0)
		return -1;

	char *slash = strrchr(path, '/');

	if (!slash)
		return err_say(e, "%s: not a full path", path);
	*slash = '\0';
	snprintf(r->near, sizeof r->near, "%s", path);
	snprintf(r->library, sizeof r->library, "%s%s", given ? given : path, given ? "" : "/../lib/slate");
	snprintf(r->tree, sizeof r->tree, "%s%s", tree ? tree : path, tree ? "" : "/..");
	return 0;
}

int parts_find(struct parts *p, const char *self, struct err *e)
{
	struct roots r;

	if (find_roots(&r, self, e) < 0)
		return -1;
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		char *out = (char *)p + places[i].offset;
		const char *name = places[i].near ? places[i].near : places[i].tree;

		if (!is_there(out, sizeof p->boot, r.library, places[i].library) &&
		    !is_there(out, sizeof p->boot, r.near, places[i].near) &&
		    !is_there(out, sizeof p->boot, r.tree, places[i].tree))
			return err_say(e, "%s is neither in %s nor in %s: build or install slate whole",
			               name, r.library, places[i].near ? r.near : r.tree);
	}
	if (!is_there(p->loaders, sizeof p->loaders, r.near, "loaders"))
		p->loaders[0] = '\0';
	return 0;
}
