/* Any bytes as the answer of a process that went back: refused with a reason, or a title
 * and paths that come back when they are written anew. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../overlay/restore/goneback.h"

enum { TITLE_MAX = 64, INPUT_MAX = 4096 };

struct answer {
	int result;
	struct names changed;
	char title[INPUT_MAX];
	struct err why;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_answer(const char *path, struct answer *a)
{
	char cut[TITLE_MAX];
	struct names again = { 0 };
	struct err e;

	*a = (struct answer){ 0 };
	a->result = goneback_read(path, &a->changed, a->title, sizeof a->title, &a->why);
	if (a->result < 1 && !a->why.text[0])
		abort();
	if (a->result == 1 && (goneback_read(path, &again, cut, sizeof cut, &e) != 1 ||
	                       strncmp(cut, a->title, sizeof cut - 1) != 0))
		abort();
	names_drop(&again);
}

static void check_same(const struct answer *a, const struct answer *b)
{
	if (a->result != b->result || strcmp(a->title, b->title) != 0 ||
	    strcmp(a->why.text, b->why.text) != 0 || a->changed.n != b->changed.n)
		abort();
	for (size_t i = 0; i < a->changed.n; i++)
		if (strcmp(a->changed.at[i], b->changed.at[i]) != 0)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int fd = -1;
	static struct answer first, again;
	char path[32];
	struct err e = { 0 };

	if (fd < 0)
		fd = memfd_create("answer", 0);
	if (size > INPUT_MAX)
		return 0;
	if (ftruncate(fd, 0) < 0 || pwrite(fd, data, size, 0) != (ssize_t)size)
		abort();
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	read_answer(path, &first);
	if (first.result >= 0) {
		if (goneback_write(path, &first.changed, first.result ? first.title : NULL,
		                   first.why.text, &e) < 0)
			abort();
		read_answer(path, &again);
		check_same(&first, &again);
		names_drop(&again.changed);
	}
	names_drop(&first.changed);
	return 0;
}
