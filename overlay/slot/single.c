#include "single.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../init/base/child.h"
#include "../../init/base/clock.h"
#include "../../init/base/fd.h"
#include "../tar/check.h"
#include "../tree/extract.h"

enum { MEMORY = 16 << 20, SECONDS = 60, SECONDS_PER_MIB = 10 };

struct job {
	const struct single *single;
	int root;
};

static struct child_limits limits(const struct single *s, enum child_walls walls, int tree)
{
	uint64_t seconds = SECONDS + (s->length >> 20) * SECONDS_PER_MIB;

	return (struct child_limits){ clock_now_ms() + seconds * 1000, MEMORY, walls, tree };
}

/* `root` -1: as if nothing were there. */
static struct member member_of(const struct single *s, int root)
{
	struct member m = { .type = MEMBER_FILE,
		            .path = s->to,
		            .mode = 0644,
		            .uid = geteuid(),
		            .gid = getegid(),
		            .size = s->length };
	FD_AUTO fd = root < 0 ? -1 : fd_open_beneath(root, s->to, O_PATH | O_NOFOLLOW, 0);
	struct stat own = { 0 }, old = { 0 };

	if (fstat(s->fd, &own) == 0)
		m.mtime = own.st_mtim;
	if (fd >= 0 && fstat(fd, &old) == 0 && S_ISREG(old.st_mode) &&
	    !(old.st_mode & (S_ISUID | S_ISGID))) {
		m.mode = old.st_mode & 07777;
		m.uid = old.st_uid;
		m.gid = old.st_gid;
	}
	return m;
}

static int check(void *arg, void *out, struct err *e)
{
	const struct single *s = ((const struct job *)arg)->single;
	struct check c = { .pristine = s->pristine };
	const struct member m = member_of(s, -1);

	(void)out;
	if (vouch_file(s->vouch, s->dir, s->path, s->fd, s->length, e) < 0)
		return -1;
	return check_next(&c, &m, e);
}

struct reading {
	int fd;
	uint64_t at;
};

static ssize_t read_next(void *ctx, void *buf, size_t len, struct err *e)
{
	struct reading *r = ctx;
	ssize_t n = fd_pread_full(r->fd, buf, len, r->at);

	if (n < 0)
		return err_sys(e, "read it");
	r->at += (uint64_t)n;
	return n;
}

static int put(void *arg, void *out, struct err *e)
{
	const struct job *job = arg;
	const struct single *s = job->single;
	const struct member m = member_of(s, job->root);
	struct reading reading = { s->fd, 0 };
	const struct member_data data = { read_next, &reading };
	struct extract *x = malloc(sizeof *x);

	(void)out;
	if (!x)
		return err_sys(e, "extract");
	umask(0);
	extract_open(x, job->root, s->pristine, false);
	return extract_member(x, &m, &data, e) < 0 ? -1 : extract_finish(x, e);
}

int single_check(const struct single *s, struct err *e)
{
	struct job job = { s, -1 };
	const struct child_limits l = limits(s, CHILD_READS, -1);
	char nothing;

	return child_call(check, &job, &nothing, sizeof nothing, &l, e);
}

int single_put(const struct single *s, int root, struct err *e)
{
	struct job job = { s, root };
	const struct child_limits l = limits(s, CHILD_WRITES, root);
	char nothing;

	return child_call(put, &job, &nothing, sizeof nothing, &l, e);
}
