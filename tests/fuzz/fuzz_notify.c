/* Any bytes as a datagram of sd_notify: what is taken from it is in its bounds and
 * steers no terminal; and as a line of a log, it is one line. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../init/super/logline.h"
#include "../../init/super/notify.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = { (const char *)data, size };
	static char out[LOGLINE_SIZE];
	struct notify n;
	size_t len;

	notify_decode(text, &n);
	if (!memchr(n.status, '\0', sizeof n.status) || strchr(n.status, '\033') || strchr(n.status, '\n'))
		abort();
	if (n.main_pid < 0 || n.main_pid == 1)
		abort();
	len = logline_format(out, (int64_t)size * 1000003, text);
	if (len == 0 || len > sizeof out || memchr(out, '\n', len) != out + len - 1 ||
	    memchr(out, '\033', len))
		abort();
	return 0;
}
