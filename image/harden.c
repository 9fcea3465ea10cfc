#include "harden.h"

#include "../init/base/fd.h"
#include "../init/base/hardening.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

/* The kernel cuts a longer command line off silently; a loader adds some words. */
enum { CMDLINE_MOST = 1900 };

/* Is there a word `name` already, with a value or without? */
static bool has_word(const char *list, const char *name)
{
	struct span rest = span_of(list), word, key, value;

	while (span_word(&rest, " ", &word)) {
		span_cut(word, '=', &key, &value);
		if (span_is(key, name))
			return true;
	}
	return false;
}

static int add_word(char *words, size_t size, const char *word, struct err *e)
{
	size_t used = strlen(words);
	int len = snprintf(words + used, size - used, " %s", word);

	if (len < 0 || (size_t)len >= size - used)
		return err_say(e, "--harden: more words than fit");
	return 0;
}

static int read_table(enum setting_harden profile, const char *hooks, struct hardening *h,
                      struct err *e)
{
	static char text[32768];
	char path[600];
	ssize_t len;

	snprintf(path, sizeof path, "%s/" HARDENING_FILE, hooks);
	len = fd_read_file(AT_FDCWD, path, text, sizeof text, e);
	if (len < 0)
		return -1;
	if (hardening_read((struct span){ text, (size_t)len }, profile, h, e) < 0)
		return err_wrap(e, "%s", path);
	return 0;
}

int harden_words(enum setting_harden profile, const char *hooks, const char *given, char *words,
                 size_t size, struct err *e)
{
	static struct hardening h;
	char word[140];

	words[0] = '\0';
	if (profile <= HARDEN_NO)
		return 0;
	if (read_table(profile, hooks, &h, e) < 0)
		return -1;
	snprintf(word, sizeof word, "slate.harden=%s", profile == HARDEN_STRICT ? "strict" : "hotplug");
	if (!has_word(given, "slate.harden") && add_word(words, size, word, e) < 0)
		return -1;
	for (unsigned i = 0; i < h.n; i++)
		if (h.rows[i].kind == HARDENING_BOOT && !has_word(given, h.rows[i].name) &&
		    hardening_word(&h.rows[i], word, sizeof word) &&
		    add_word(words, size, word, e) < 0)
			return -1;
	if (strlen(words) + strlen(given) > CMDLINE_MOST)
		return err_say(e, "--harden and --cmdline: together more than %d characters",
		               CMDLINE_MOST);
	return 0;
}
