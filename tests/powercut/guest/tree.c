#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../../init/base/fd.h"

#define GENERATION "etc/generation"
#define PAYLOAD    "etc/payload"

enum { CHUNK = 32768 };

/* xorshift64 */
static void fill(uint64_t *state, uint8_t *buf, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (i % 8 == 0) {
			*state ^= *state << 13;
			*state ^= *state >> 7;
			*state ^= *state << 17;
		}
		buf[i] = (uint8_t)(*state >> (8 * (i % 8)));
	}
}

static uint64_t seed(int generation)
{
	return 0x9e3779b97f4a7c15 * (uint64_t)(generation + 1);
}

static int write_payload(int dir, int generation, uint64_t bytes, struct err *e)
{
	FD_AUTO fd = openat(dir, PAYLOAD, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	uint64_t state = seed(generation);
	uint8_t buf[CHUNK];

	if (fd < 0)
		return err_sys(e, PAYLOAD);
	while (bytes > 0) {
		size_t len = bytes < CHUNK ? (size_t)bytes : CHUNK;

		fill(&state, buf, len);
		if (fd_write_full(fd, buf, len) < 0)
			return err_sys(e, PAYLOAD);
		bytes -= len;
	}
	return 0;
}

int tree_make(int dir, int generation, uint64_t bytes, struct err *e)
{
	char text[64];
	int len = snprintf(text, sizeof text, "%d %" PRIu64 "\n", generation, bytes);

	unlinkat(dir, GENERATION, 0);
	unlinkat(dir, PAYLOAD, 0);
	unlinkat(dir, "etc", AT_REMOVEDIR);
	if (generation == TREE_NONE)
		return 0;
	if (mkdirat(dir, "etc", 0755) < 0)
		return err_sys(e, "mkdir etc");
	if (fd_write_file(dir, GENERATION, text, (size_t)len, e) < 0)
		return -1;
	return write_payload(dir, generation, bytes, e);
}

static bool payload_is_whole(int dir, int generation, uint64_t bytes)
{
	FD_AUTO fd = openat(dir, PAYLOAD, O_RDONLY | O_CLOEXEC);
	uint8_t want[CHUNK], got[CHUNK];
	uint64_t state = seed(generation);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || (uint64_t)st.st_size != bytes)
		return false;
	while (bytes > 0) {
		size_t len = bytes < CHUNK ? (size_t)bytes : CHUNK;

		fill(&state, want, len);
		if (fd_read_full(fd, got, len) != (ssize_t)len || memcmp(want, got, len) != 0)
			return false;
		bytes -= len;
	}
	return true;
}

int tree_look(int dir)
{
	uint64_t bytes;
	char text[64];
	struct err e;
	int generation;

	if (faccessat(dir, "etc", F_OK, 0) < 0)
		return errno == ENOENT ? TREE_NONE : TREE_TORN;
	if (fd_read_file(dir, GENERATION, text, sizeof text, &e) < 0 ||
	    sscanf(text, "%d %" SCNu64, &generation, &bytes) != 2 || generation <= 0)
		return TREE_TORN;
	return payload_is_whole(dir, generation, bytes) ? generation : TREE_TORN;
}
