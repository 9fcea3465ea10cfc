#include "write.h"

#include "../init/base/clock.h"
#include "../init/base/command.h"
#include "../init/base/fd.h"
#include "../init/disk/gpt.h"
#include "target.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK ((size_t)1 << 20)

struct job {
	const char *image;
	int from;               /* the image, owned */
	uint64_t size;          /* of it, bytes */
	struct target to;
	bool terminal;          /* somebody watches */
};

static void show(const struct job *j, const char *doing, uint64_t done, uint64_t start_ms)
{
	uint64_t ms = clock_now_ms() - start_ms;
	double rate = ms ? (double)done / 1048576 / ((double)ms / 1000) : 0;

	if (!j->terminal)
		return;
	fprintf(stderr, "\r%s %3u %%  %6.1f MiB/s ", doing,
	        (unsigned)(j->size ? done * 100 / j->size : 100), rate);
	if (done == j->size)
		fputc('\n', stderr);
}

static ssize_t next_chunk(const struct job *j, char *chunk, uint64_t at, struct err *e)
{
	size_t want = j->size - at < CHUNK ? (size_t)(j->size - at) : CHUNK;
	ssize_t len = fd_read_full(j->from, chunk, want);

	if (len < 0)
		return err_sys(e, "read %s", j->image);
	if ((size_t)len < want)
		return err_say(e, "%s became shorter", j->image);
	return len;
}

static int copy(const struct job *j, struct err *e)
{
	static char chunk[CHUNK];
	uint64_t start_ms = clock_now_ms();

	for (uint64_t at = 0; at < j->size;) {
		ssize_t len = next_chunk(j, chunk, at, e);

		if (len < 0)
			return -1;
		if (fd_write_full(j->to.fd, chunk, (size_t)len) < 0)
			return err_sys(e, "write to %s", j->to.path);
		at += (uint64_t)len;
		/* now and then, so that the progress is the device's and not the cache's */
		if (at % (16 * CHUNK) == 0 && fdatasync(j->to.fd) < 0)
			return err_sys(e, "write to %s", j->to.path);
		show(j, "writing", at, start_ms);
	}
	return target_flush(&j->to, e);
}

static int compare(const struct job *j, struct err *e)
{
	static char ours[CHUNK], theirs[CHUNK];
	uint64_t start_ms = clock_now_ms();

	if (lseek(j->from, 0, SEEK_SET) < 0 || lseek(j->to.fd, 0, SEEK_SET) < 0)
		return err_sys(e, "read back");
	for (uint64_t at = 0; at < j->size;) {
		ssize_t len = next_chunk(j, ours, at, e);

		if (len < 0)
			return -1;
		if (fd_read_full(j->to.fd, theirs, (size_t)len) != len)
			return err_sys(e, "read %s back", j->to.path);
		if (memcmp(ours, theirs, (size_t)len) != 0)
			return err_say(e, "%s does not keep what is written to it (near %llu MiB): it is broken",
			               j->to.path, (unsigned long long)(at >> 20));
		at += (uint64_t)len;
		show(j, "reading", at, start_ms);
	}
	return 0;
}

static int open_image(struct job *j, struct err *e)
{
	struct stat st;

	j->from = open(j->image, O_RDONLY | O_CLOEXEC);
	if (j->from < 0 || fstat(j->from, &st) < 0)
		return err_sys(e, "open %s", j->image);
	if (!S_ISREG(st.st_mode) || st.st_size == 0)
		return err_say(e, "%s is no image", j->image);
	j->size = (uint64_t)st.st_size;
	return 0;
}

static int check_fit(const struct job *j, struct err *e)
{
	struct stat from, to;

	if (fstat(j->from, &from) == 0 && fstat(j->to.fd, &to) == 0 && from.st_dev == to.st_dev &&
	    from.st_ino == to.st_ino)
		return err_say(e, "%s is the image itself", j->to.path);
	if (j->to.size < j->size)
		return err_say(e, "%s has %.1f MiB, the image %.1f", j->to.path,
		               (double)j->to.size / 1048576, (double)j->size / 1048576);
	return 0;
}

/* An ISO is one piece: its table, also, is where its maker put it. */
static bool is_iso(const struct job *j)
{
	char name[5];

	return pread(j->from, name, sizeof name, 32769) == sizeof name &&
	       memcmp(name, "CD001", sizeof name) == 0;
}

static int move_backup(const struct job *j, struct err *e)
{
	if (is_iso(j) || j->to.sector != GPT_SECTOR)
		return 0;

	int moved = gpt_move_backup(j->to.fd, j->to.size, e);

	if (moved < 0)
		return err_wrap(e, "%s", j->to.path);
	return moved ? target_flush(&j->to, e) : 0;
}

static int write_image(struct job *j, bool force, bool *touched, struct err *e)
{
	if (open_image(j, e) < 0 || target_open(&j->to, j->to.path, force, e) < 0 || check_fit(j, e) < 0)
		return -1;
	printf("%s: %s%s%.1f MiB; all that is on it is replaced\n", j->to.path, j->to.model,
	       j->to.model[0] ? ", " : "", (double)j->to.size / 1048576);
	fflush(stdout);
	*touched = true;
	if (copy(j, e) < 0 || compare(j, e) < 0 || move_backup(j, e) < 0)
		return -1;
	target_reread(&j->to);
	return 0;
}

int write_run(int argc, char **argv)
{
	struct job j = { .from = -1, .to = { .fd = -1 }, .terminal = isatty(STDERR_FILENO) };
	bool force = argc > 1 && strcmp(argv[1], "--force") == 0, touched = false;
	struct err e = { 0 };

	if (argc != 3 + force || argv[1 + force][0] == '-') {
		fprintf(stderr, "usage: slate image write [--force] IMAGE DISK\n");
		return COMMAND_USAGE;
	}
	j.image = argv[1 + force];
	j.to.path = argv[2 + force];

	int result = write_image(&j, force, &touched, &e);

	target_close(&j.to);
	fd_drop(&j.from);
	if (result < 0) {
		fprintf(stderr, "slate: image: write: %s; %s\n", e.text,
		        touched ? "do not start a machine from it" : "nothing was written");
		return COMMAND_FAILED;
	}
	printf("written and read back: %.1f MiB\n", (double)j.size / 1048576);
	return COMMAND_DONE;
}
