#include "fat.h"

#include "../init/base/fd.h"
#include "../init/disk/fatsize.h"
#include "tool.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* FAT32 wants 65525 clusters: below that size mkfs.fat can only make FAT16. */
enum { FAT32_MIB = 64, FAT16_MIB = 16, FAT32_CLUSTERS = 66000 };
enum { SECTORS = 2048, CLUSTER_MAX = 64 }; /* sectors of a MiB; of the largest cluster */

int fat_create(const char *path, uint64_t mib, struct err *e)
{
	FD_AUTO fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	if (fd < 0 || ftruncate(fd, (off_t)(mib << 20)) < 0)
		return err_sys(e, "create %s", path);
	return 0;
}

/* The largest clusters, in sectors, of which it still has enough for FAT32: the tables of
 * what it may become are then the shortest. */
static unsigned cluster_sectors(uint64_t mib)
{
	unsigned sectors = 1;

	while (sectors < CLUSTER_MAX && (mib - FAT_GROWTH_MIB) * SECTORS / (2 * sectors) > FAT32_CLUSTERS)
		sectors *= 2;
	return sectors;
}

/* mkfs.fat makes tables for what it is told that there is; then it is told the truth. */
static int shrink(const struct fat *f, struct err *e)
{
	FD_AUTO fd = open(f->image, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return err_sys(e, "open %s", f->image);
	return fatsize_set(fd, f->start_mib << 20, f->size_mib << 20, e) < 0 ? -1 : 0;
}

int fat_make(const struct fat *f, struct err *e)
{
	char blocks[32], sectors[32], cluster[16];
	bool grows = f->grows && f->size_mib >= FAT32_MIB + FAT_GROWTH_MIB;
	const char *bits = f->size_mib >= FAT32_MIB ? "32" : f->size_mib >= FAT16_MIB ? "16" : "12";
	const char *argv[] = { "mkfs.fat", "-F",         bits,    "-n",   f->label, "-h", sectors,
		               "--offset", sectors,      f->image, blocks, grows ? "-s" : NULL,
		               cluster,    NULL };

	snprintf(blocks, sizeof blocks, "%llu", (unsigned long long)f->size_mib * 1024 * (grows ? FAT_GROWTH : 1));
	snprintf(sectors, sizeof sectors, "%llu", (unsigned long long)f->start_mib * SECTORS);
	snprintf(cluster, sizeof cluster, "%u", cluster_sectors(f->size_mib));
	if (tool_run(argv, NULL, e) < 0)
		return -1;
	return grows ? shrink(f, e) : 0;
}

int fat_copy(const struct fat *f, const char *folder, const char *name, struct err *e)
{
	char at[760], from[760];
	const char *argv[] = { "mcopy", "-i", at, "-s", "-m", from, "::", NULL };

	snprintf(at, sizeof at, "%s@@%lluM", f->image, (unsigned long long)f->start_mib);
	snprintf(from, sizeof from, "%s/%s", folder, name);
	return tool_run(argv, NULL, e);
}
