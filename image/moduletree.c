#include "moduletree.h"

#include "../init/base/fd.h"
#include "inflate.h"
#include "tool.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

/* Where the module `name` of the kernel's folder lies in the tree, below its folder. */
static void staged_name(const char *name, char path[static 4096])
{
	snprintf(path, 4096, "%s", name);
	strstr(path, ".ko")[3] = '\0';
}

static int stage_module(const char *from, int to, const char *name, struct err *e)
{
	char path[4096], folder[4096];
	void *data;
	size_t size;

	snprintf(path, sizeof path, "%s/%s", from, name);
	if (inflate_file(path, &data, &size, e) < 0)
		return -1;
	staged_name(name, path);
	snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(path, '/') - path), path);

	int result = fd_mkdirs(to, folder, 0755, e);

	if (result >= 0)
		result = fd_write_file(to, path, data, size, e);
	free(data);
	return result;
}

/* depmod reads these to know what is built in and which order wins. */
static int stage_lists(const char *from, int to, struct err *e)
{
	static const char *const lists[] = { "modules.order", "modules.builtin",
		                             "modules.builtin.modinfo" };

	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
		char path[4096];
		void *data;
		size_t size;

		snprintf(path, sizeof path, "%s/%s", from, lists[i]);
		if (access(path, R_OK) < 0)
			continue;
		if (inflate_file(path, &data, &size, e) < 0)
			return -1;

		int result = fd_write_file(to, lists[i], data, size, e);

		free(data);
		if (result < 0)
			return -1;
	}
	return 0;
}

static int gzip(void *data, size_t size, unsigned char **packed, size_t *packed_size)
{
	enum { WINDOW = 15, GZIP = 16, MEMORY = 9 };
	z_stream z = { .next_in = data, .avail_in = (unsigned)size };

	if (deflateInit2(&z, Z_BEST_COMPRESSION, Z_DEFLATED, WINDOW + GZIP, MEMORY, Z_DEFAULT_STRATEGY) != Z_OK)
		return -1;
	z.avail_out = (unsigned)deflateBound(&z, size);
	*packed = z.next_out = malloc(z.avail_out);

	int result = *packed && deflate(&z, Z_FINISH) == Z_STREAM_END ? 0 : -1;

	*packed_size = z.total_out;
	deflateEnd(&z);
	return result;
}

static int pack_module(int to, const char *folder, const char *name, struct err *e)
{
	char path[4096], full[8192];
	unsigned char *packed = NULL;
	void *data;
	size_t size;

	staged_name(name, path);
	snprintf(full, sizeof full, "%s/%s", folder, path);
	if (inflate_read(full, &data, &size, e) < 0)
		return -1;

	int result = gzip(data, size, &packed, &size) < 0 ? err_say(e, "%s: can't be compressed", path)
	                                                  : fd_write_file(to, path, packed, size, e);

	free(packed);
	free(data);
	return result;
}

/* What neither libkmod's look-ups nor BusyBox's modprobe read. */
static void drop_unused_indexes(int to)
{
	static const char *const unused[] = {
		"modules.order", "modules.builtin.modinfo", "modules.symbols",
		"modules.symbols.bin", "modules.devname",
	};

	for (size_t i = 0; i < sizeof unused / sizeof *unused; i++)
		unlinkat(to, unused[i], 0);
}

int moduletree_make(const char *dir, const char *version, const struct modules_chosen *chosen,
                    const char *base, struct err *e)
{
	const struct names *paths = &chosen->paths;
	const char *depmod[] = { "depmod", "-b", base, version, NULL };
	char folder[4096];

	snprintf(folder, sizeof folder, "%s/lib/modules/%s", base, version);
	if (fd_mkdirs(AT_FDCWD, folder, 0755, e) < 0)
		return -1;

	FD_AUTO to = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (to < 0)
		return err_sys(e, "open %s", folder);
	for (size_t i = 0; i < paths->n; i++)
		if (stage_module(dir, to, paths->at[i], e) < 0)
			return -1;
	if (stage_lists(dir, to, e) < 0 || tool_run(depmod, NULL, e) < 0)
		return -1;
	for (size_t i = 0; i < paths->n; i++)
		if (!names_has(&chosen->always, paths->at[i]) &&
		    pack_module(to, folder, paths->at[i], e) < 0)
			return -1;
	drop_unused_indexes(to);
	return 0;
}
