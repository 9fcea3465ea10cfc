#include "check.h"

#include "../init/base/command.h"
#include "../init/base/fd.h"
#include "../init/disk/gpt.h"
#include "../overlay/trust/trust.h"
#include "tool.h"
#include "tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct checking {
	struct trust trust;
	const char *shown; /* what the user called the place */
	int seen, bad;
};

static void say_bad(struct checking *c, const char *name, const struct err *e)
{
	fprintf(stderr, "slate: image: verify: %s%s%s: %s\n", c->shown, name[0] ? "/" : "", name,
	        e->text);
	c->bad = 1;
}

/* All of the image, with the functions that a boot uses and then the whole tree. */
static void check_image(struct checking *c, int dir, const char *name)
{
	struct rootmanifest m;
	struct err e = { 0 };
	FD_AUTO fd = fd_open_beneath(dir, name, O_RDONLY | O_NONBLOCK, 0);

	c->seen++;
	if (fd < 0) {
		err_sys(&e, "can't be opened");
		say_bad(c, name, &e);
		return;
	}
	if (trust_check_image(&c->trust, dir, name, fd, &m, &e) < 0 ||
	    verity_check_all(fd, &m.verity, &e) < 0) {
		say_bad(c, name, &e);
		return;
	}
	printf("%s/%s: verified: %s, version %" PRIu64 ", %.1f MiB\n", c->shown, name, m.name,
	       m.version, (double)m.size / 1048576);
}

static bool is_image(const char *name)
{
	struct span s = span_of(name);

	return span_ends(s, ".squashfs") || span_ends(s, ".erofs");
}

static int check_folder(struct checking *c, const char *path, struct err *e)
{
	DIR *d = opendir(path);

	if (!d)
		return err_sys(e, "open");
	for (struct dirent *entry; (entry = readdir(d));)
		if (is_image(entry->d_name))
			check_image(c, dirfd(d), entry->d_name);
	closedir(d);
	return 0;
}

/* An image beside its manifest: either is named. */
static int check_file(struct checking *c, const char *path, struct err *e)
{
	const char *base = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	char folder[4096], name[256];
	struct rootmanifest m;

	snprintf(folder, sizeof folder, "%.*s", (int)(base - path), path);
	FD_AUTO dir = open(folder[0] ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return err_sys(e, "open %s", folder);
	snprintf(name, sizeof name, "%s", base);
	if (!is_image(base)) {
		if (trust_read_manifest(&c->trust, dir, base, &m, e) < 0)
			return -1;
		snprintf(name, sizeof name, "%s", m.image);
	}
	c->shown = folder[0] ? folder : ".";
	if (folder[0] && strlen(folder) > 1)
		folder[strlen(folder) - 1] = '\0';
	check_image(c, dir, name);
	return 0;
}

enum disk_kind { DISK_FAT, DISK_EXT4, DISK_ISO };

/* Of what `slate image build` makes: by the magic numbers of ISO 9660 and ext4. `start`:
 * the byte at which the medium's partition begins, the first of the table. */
static int disk_kind(const char *path, enum disk_kind *kind, uint64_t *start, struct err *e)
{
	unsigned char iso[5], ext[2];
	struct gpt_part part = { 0 };
	FD_AUTO fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_sys(e, "open");
	if (pread(fd, iso, sizeof iso, 32769) == 5 && memcmp(iso, "CD001", 5) == 0) {
		*kind = DISK_ISO;
		return 0;
	}
	if (gpt_find(fd, (uint64_t)lseek(fd, 0, SEEK_END), 1, &part, e) < 0)
		return -1;
	*start = part.start * GPT_SECTOR;
	if (pread(fd, ext, sizeof ext, (off_t)*start + 1080) == 2 && ext[0] == 0x53 && ext[1] == 0xef)
		*kind = DISK_EXT4;
	else
		*kind = DISK_FAT;
	return 0;
}

/* Copies slate/ of the medium in the disk image to `to`. */
static int unpack(const char *disk, const char *to, struct err *e)
{
	enum disk_kind kind;
	uint64_t start = 0;
	char at[4200], command[4200], folder[300];
	const char *fat[] = { "mcopy", "-i", at, "-s", "-n", "::slate", to, NULL };
	const char *ext4[] = { "debugfs", "-R", command, at, NULL };
	const char *iso[] = { "xorriso", "-osirrox", "on", "-indev", disk, "-extract", "/slate",
		              folder, NULL };

	if (disk_kind(disk, &kind, &start, e) < 0)
		return -1;
	snprintf(folder, sizeof folder, "%s/slate", to);
	snprintf(command, sizeof command, "rdump /slate %s", to);
	snprintf(at, sizeof at, kind == DISK_FAT ? "%s@@%llu" : "%s?offset=%llu", disk,
	         (unsigned long long)start);
	return tool_run(kind == DISK_FAT ? fat : kind == DISK_EXT4 ? ext4 : iso, NULL, e);
}

static int check_disk(struct checking *c, const char *path, struct err *e)
{
	const char *place = getenv("TMPDIR");
	char base[200], folder[300];
	struct err ignored;

	snprintf(base, sizeof base, "%s/slate-verify-XXXXXX", place ? place : "/tmp");
	if (!mkdtemp(base))
		return err_sys(e, "make a folder in %s", place ? place : "/tmp");
	snprintf(folder, sizeof folder, "%s/slate", base);

	int result = unpack(path, base, e);

	if (result >= 0)
		result = check_folder(c, folder, e);
	tree_remove(base, &ignored);
	return result;
}

static void check_path(struct checking *c, const char *path)
{
	struct span name = span_of(path);
	struct err e = { 0 };
	struct stat st;
	int before = c->seen, result;

	c->shown = path;
	if (stat(path, &st) < 0)
		result = err_sys(&e, "stat");
	else if (S_ISDIR(st.st_mode))
		result = check_folder(c, path, &e);
	else if (is_image(path) || span_ends(name, ".manifest"))
		result = check_file(c, path, &e);
	else
		result = check_disk(c, path, &e);
	if (result >= 0 && c->seen == before)
		result = err_say(&e, "holds no image");
	c->shown = path;
	if (result < 0)
		say_bad(c, "", &e);
}

static int usage(void)
{
	fprintf(stderr, "usage: slate image verify --key PUB [--key PUB...] DISK|OUT|IMAGE|MANIFEST...\n");
	return COMMAND_USAGE;
}

int check_run(int argc, char **argv)
{
	struct checking c = { .bad = 0 };
	struct err e = { 0 };
	int i = 1;

	for (; i + 1 < argc && strncmp(argv[i], "--key", 5) == 0; i++) {
		const char *key = argv[i][5] == '=' ? argv[i] + 6 : argv[++i];

		if (trust_add_key(&c.trust, AT_FDCWD, key, &e) < 0) {
			fprintf(stderr, "slate: image: verify: --key %s\n", e.text);
			return COMMAND_FAILED;
		}
	}
	if (!c.trust.n || i >= argc || argv[i][0] == '-')
		return usage();
	for (; i < argc; i++)
		check_path(&c, argv[i]);
	return c.bad ? COMMAND_FAILED : COMMAND_DONE;
}
