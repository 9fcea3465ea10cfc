#include "kernel.h"

#include "../init/base/bytes.h"
#include "../init/base/fd.h"
#include "../init/base/span.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum {
	SETUP_START = 0x200,
	SETUP_MAGIC = 0x202,
	SETUP_VERSION = 0x20e,
	SETUP_INIT_SIZE = 0x260,
	HEAD_SIZE = 65536,
};

int kernel_release_of(const unsigned char *head, size_t len, char *release, size_t size)
{
	if (len < SETUP_VERSION + 2 || memcmp(head + SETUP_MAGIC, "HdrS", 4) != 0)
		return 0;

	size_t at = SETUP_START + (size_t)le16_get(head + SETUP_VERSION);

	if (at == SETUP_START || at >= len)
		return 0;

	struct span text = { (const char *)head + at, strnlen((const char *)head + at, len - at) };
	struct span word;

	return span_word(&text, " ", &word) && span_copy(word, release, size);
}

uint64_t kernel_memory_of(const unsigned char *head, size_t len)
{
	if (len < SETUP_INIT_SIZE + 4 || memcmp(head + SETUP_MAGIC, "HdrS", 4) != 0)
		return 0;
	return le32_get(head + SETUP_INIT_SIZE);
}

/* The header of a program for UEFI (PE/COFF): the fifth entry of its directory is where its
 * signatures are. */
bool kernel_is_signed_of(const unsigned char *head, size_t len)
{
	enum { AT = 0x3c, OPTIONAL = 24, PE32_PLUS = 0x20b, DIRECTORY = 112, SIGNATURES = 4, ENTRY = 8 };

	if (len < AT + 4)
		return false;

	size_t pe = le32_get(head + AT);
	size_t entry = pe + OPTIONAL + DIRECTORY + SIGNATURES * ENTRY;

	if (entry + ENTRY > len || memcmp(head + pe, "PE\0\0", 4) != 0 ||
	    le16_get(head + pe + OPTIONAL) != PE32_PLUS)
		return false;
	return le32_get(head + entry + 4) != 0;
}

static ssize_t read_head(const char *path, unsigned char head[static HEAD_SIZE], struct err *e)
{
	FD_AUTO fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_sys(e, "open %s", path);

	ssize_t len = fd_read_full(fd, head, HEAD_SIZE);

	return len < 0 ? err_sys(e, "read %s", path) : len;
}

bool kernel_is_signed(const char *path)
{
	static unsigned char head[HEAD_SIZE];
	struct err ignored;
	ssize_t len = read_head(path, head, &ignored);

	return len > 0 && kernel_is_signed_of(head, (size_t)len);
}

uint64_t kernel_memory(const char *path)
{
	static unsigned char head[HEAD_SIZE];
	struct err ignored;
	ssize_t len = read_head(path, head, &ignored);

	return len > 0 ? kernel_memory_of(head, (size_t)len) : 0;
}

int kernel_release(const char *path, char *release, size_t size, struct err *e)
{
	static unsigned char head[HEAD_SIZE];
	ssize_t len = read_head(path, head, e);

	return len < 0 ? -1 : kernel_release_of(head, (size_t)len, release, size);
}
