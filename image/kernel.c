#include "kernel.h"

#include "../init/base/fd.h"
#include "../init/base/span.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { SETUP_MAGIC = 0x202, SETUP_VERSION = 0x20e, SETUP_START = 0x200, HEAD_SIZE = 65536 };

int kernel_release_of(const unsigned char *head, size_t len, char *release, size_t size)
{
	if (len < SETUP_VERSION + 2 || memcmp(head + SETUP_MAGIC, "HdrS", 4) != 0)
		return 0;

	size_t at = SETUP_START + head[SETUP_VERSION] + (size_t)head[SETUP_VERSION + 1] * 256;

	if (at == SETUP_START || at >= len)
		return 0;

	struct span text = { (const char *)head + at, strnlen((const char *)head + at, len - at) };
	struct span word;

	return span_word(&text, " ", &word) && span_copy(word, release, size);
}

int kernel_release(const char *path, char *release, size_t size, struct err *e)
{
	static unsigned char head[HEAD_SIZE];
	FD_AUTO fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_sys(e, "open %s", path);

	ssize_t len = fd_read_full(fd, head, sizeof head);

	if (len < 0)
		return err_sys(e, "read %s", path);
	return kernel_release_of(head, (size_t)len, release, size);
}
