#include "fat.h"

#include "../init/base/fd.h"
#include "tool.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* FAT32 wants 65525 clusters: below that size mkfs.fat can only make FAT16. */
enum { FAT32_MIB = 64, FAT16_MIB = 8 };

int fat_create(const char *path, uint64_t mib, struct err *e)
{
	FD_AUTO fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	if (fd < 0 || ftruncate(fd, (off_t)(mib << 20)) < 0)
		return err_sys(e, "create %s", path);
	return 0;
}

int fat_make(const struct fat *f, struct err *e)
{
	char blocks[32], sectors[32];
	const char *bits = f->size_mib >= FAT32_MIB ? "32" : f->size_mib >= FAT16_MIB ? "16" : "12";
	const char *argv[] = { "mkfs.fat", "-F", bits, "-n", f->label, "-h", sectors, "--offset", sectors,
		               f->image, blocks, NULL };

	snprintf(blocks, sizeof blocks, "%llu", (unsigned long long)f->size_mib * 1024);
	snprintf(sectors, sizeof sectors, "%llu", (unsigned long long)f->start_mib * 2048);
	return tool_run(argv, NULL, e);
}

int fat_copy(const struct fat *f, const char *folder, const char *name, struct err *e)
{
	char at[760], from[760];
	const char *argv[] = { "mcopy", "-i", at, "-s", "-m", from, "::", NULL };

	snprintf(at, sizeof at, "%s@@%lluM", f->image, (unsigned long long)f->start_mib);
	snprintf(from, sizeof from, "%s/%s", folder, name);
	return tool_run(argv, NULL, e);
}
