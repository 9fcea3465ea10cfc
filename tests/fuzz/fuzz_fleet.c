/* Any text as a fleet's file: what is accepted is whole lines for this machine, as many
 * as there are numbers, and files with a name that stays inside the root.
 * max_len: 4096 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../init/boot/fleetfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_put(const struct fleetfile_put *put)
{
	if (!memchr(put->from, '\0', sizeof put->from) || !put->from[0] || !put->line)
		abort();
	if (!memchr(put->to, '\0', sizeof put->to) || put->to[0] == '/' ||
	    strncmp(put->to, "../", 3) == 0 || strstr(put->to, "/../"))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct fleetfile_machine machine = {
		.macs = { "52-54-00-12-34-5a" }, .n_macs = 1, .serial = "S 1", .hostname = "box"
	};
	static struct fleetfile f;
	struct span text = { (const char *)data, size }, conf, line;
	struct err e = { 0 };
	size_t n = 0;

	if (fleetfile_decode(text, &machine, &f, &e) < 0) {
		if (!e.text[0])
			abort();
		return 0;
	}
	for (conf = span_of(f.conf); span_line(&conf, &line); n++)
		if (n == f.n_lines || !f.lines[n] || line.len == 0)
			abort();
	if (n != f.n_lines || (!f.matched && (n || f.n_files)))
		abort();
	for (size_t i = 0; i < f.n_files; i++)
		check_put(&f.files[i]);
	return 0;
}
