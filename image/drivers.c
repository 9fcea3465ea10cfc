#include "drivers.h"

typedef int each_word(void *ctx, const char *class, const char *word, bool required, struct err *e);

static int read_row(struct span row, int line, each_word *each, void *ctx, struct err *e)
{
	struct span first, word;
	char class[32], name[128];

	if (!span_word(&row, " \t", &first))
		return 0;
	if (!span_copy(first, class, sizeof class))
		return err_say(e, "line %d: class too long", line);
	while (span_word(&row, " \t", &word)) {
		bool required = span_ends(word, "!");

		word.len -= required;
		if (word.len == 0 || !span_copy(word, name, sizeof name))
			return err_say(e, "line %d: not a module's name: %.*s", line, SPAN_ARGS(word));
		if (each(ctx, class, name, required, e) < 0)
			return -1;
	}
	return 0;
}

int drivers_each(struct span text, each_word *each, void *ctx, struct err *e)
{
	struct span line, row, comment;

	for (int n = 1; span_line(&text, &line); n++) {
		span_cut(line, '#', &row, &comment);
		if (read_row(row, n, each, ctx, e) < 0)
			return -1;
	}
	return 0;
}
