#include "specifier.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "../base/fd.h"
#include "name.h"
#include "words.h"

enum { TEXT_MAX = 1024 };

static const struct {
	char letter;
	const char *key;
} os_fields[] = {
	{ 'o', "ID" }, { 'w', "VERSION_ID" }, { 'W', "VARIANT_ID" },
	{ 'B', "BUILD_ID" }, { 'M', "IMAGE_ID" }, { 'A', "IMAGE_VERSION" },
};

static const struct {
	char letter;
	const char *text;
} fixed[] = {
	{ '%', "%" },        { 'C', "/var/cache" }, { 'D', "/usr/share" }, { 'E', "/etc" },
	{ 'L', "/var/log" }, { 'S', "/var/lib" },   { 'T', "/tmp" },       { 'V', "/var/tmp" },
	{ 't', "/run" },     { 'u', "root" },       { 'U', "0" },          { 'g', "root" },
	{ 'G', "0" },        { 'h', "/root" },      { 's', "/bin/sh" },
};

static void read_line(int root, const char *path, char *buf, size_t size)
{
	struct err ignored;
	char text[TEXT_MAX];
	ssize_t len = fd_read_file(root, path, text, sizeof text, &ignored);
	struct span left = { text, len > 0 ? (size_t)len : 0 }, line;

	buf[0] = '\0';
	if (span_line(&left, &line))
		span_copy(span_trim(line), buf, size);
}

static void read_assignments(struct machine *m, const char *path)
{
	const size_t n = sizeof os_fields / sizeof *os_fields;
	char text[8192];
	struct err ignored;
	ssize_t len = fd_read_file(m->root, path, text, sizeof text, &ignored);
	struct span left = { text, len > 0 ? (size_t)len : 0 }, line, key, value;

	while (span_line(&left, &line)) {
		span_cut(span_trim(line), '=', &key, &value);

		struct words words = { .left = value };
		char word[sizeof m->os[0]] = "";
		size_t word_len;

		if (!value.at || words_next(&words, word, sizeof word, &word_len, &ignored) < 0)
			continue;
		for (size_t i = 0; i < n; i++)
			if (span_is(key, os_fields[i].key))
				memcpy(m->os[i], word, sizeof word);
		if (span_is(key, "PRETTY_HOSTNAME"))
			span_copy(span_of(word), m->pretty_hostname, sizeof m->pretty_hostname);
	}
}

void machine_read(struct machine *m)
{
	struct utsname u;
	struct span host, domain;

	if (m->read)
		return;
	m->read = true;
	if (uname(&u) == 0) {
		span_copy(span_of(u.nodename), m->hostname, sizeof m->hostname);
		span_copy(span_of(u.release), m->kernel, sizeof m->kernel);
		span_copy(span_of(u.machine), m->architecture, sizeof m->architecture);
	}
	span_cut(span_of(m->hostname), '.', &host, &domain);
	span_copy(host, m->short_hostname, sizeof m->short_hostname);
	span_copy(span_of(m->hostname), m->pretty_hostname, sizeof m->pretty_hostname);
	read_line(m->root, "etc/machine-id", m->machine_id, sizeof m->machine_id);
	read_line(m->root, "proc/sys/kernel/random/boot_id", m->boot_id, sizeof m->boot_id);

	char *to = m->boot_id; /* written without its dashes */

	for (const char *from = m->boot_id; *from; from++)
		if (*from != '-')
			*to++ = *from;
	*to = '\0';
	read_assignments(m, "usr/lib/os-release");
	read_assignments(m, "etc/os-release");
	read_assignments(m, "etc/machine-info");
}

/* The architecture's name in units, by uname's. */
static const char *architecture(const char *machine)
{
	static const char *const names[][2] = {
		{ "x86_64", "x86-64" }, { "aarch64", "arm64" }, { "i686", "x86" },
		{ "i586", "x86" },      { "i386", "x86" },      { "armv7l", "arm" },
		{ "ppc64le", "ppc64-le" },
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(machine, names[i][0]) == 0)
			return names[i][1];
	return machine;
}

static const char *of_machine(struct machine *m, char letter)
{
	switch (letter) {
	case 'H':
		return m->hostname;
	case 'l':
		return m->short_hostname;
	case 'q':
		return m->pretty_hostname;
	case 'm':
		return m->machine_id;
	case 'b':
		return m->boot_id;
	case 'v':
		return m->kernel;
	case 'a':
		return architecture(m->architecture);
	}
	for (size_t i = 0; i < sizeof os_fields / sizeof *os_fields; i++)
		if (os_fields[i].letter == letter)
			return m->os[i];
	return NULL;
}

static struct span last_part(struct span prefix)
{
	size_t i = prefix.len;

	while (i && prefix.at[i - 1] != '-')
		i--;
	return span_from(prefix, i);
}

/* What `letter` makes of the unit's name; false: it is none of these. */
static bool of_name(const char *name, char letter, char *buf, size_t size, bool *fits)
{
	struct span whole = span_of(name);
	struct name_parts p;
	bool is_name = name_parse(whole, &p);
	struct span instance = p.instance.at ? p.instance : (struct span){ "", 0 };
	struct span stem = { whole.at, whole.len - (is_name ? p.suffix.len : 0) };

	switch (letter) {
	case 'n':
		*fits = span_copy(whole, buf, size);
		return true;
	case 'N':
		*fits = span_copy(stem, buf, size);
		return true;
	case 'p':
		*fits = span_copy(p.prefix, buf, size);
		return true;
	case 'P':
		*fits = name_unescape(p.prefix, buf, size);
		return true;
	case 'i':
		*fits = span_copy(instance, buf, size);
		return true;
	case 'I':
		*fits = name_unescape(instance, buf, size);
		return true;
	case 'j':
		*fits = span_copy(last_part(p.prefix), buf, size);
		return true;
	case 'J':
		*fits = name_unescape(last_part(p.prefix), buf, size);
		return true;
	case 'f':
		buf[0] = '/';
		*fits = size > 2 && name_unescape(instance.len ? instance : p.prefix, buf + 1, size - 1);
		return true;
	case 'd':
		*fits = snprintf(buf, size, "/run/credentials/%s", name) < (int)size;
		return true;
	}
	return false;
}

static bool of_fragment(const char *fragment, char letter, char *buf, size_t size, bool *fits)
{
	struct span path = span_of(fragment ? fragment : "");

	if (letter != 'y' && letter != 'Y')
		return false;
	if (letter == 'Y' && path.len) {
		size_t base = name_base(path).len;

		path.len -= base < path.len ? base + 1 : base;
	}
	*fits = span_copy(path, buf, size);
	return true;
}

static int expand_one(struct machine *m, const char *name, const char *fragment, char letter,
                      char *buf, size_t size, struct err *e)
{
	const char *text = NULL;
	bool fits;

	for (size_t i = 0; i < sizeof fixed / sizeof *fixed && !text; i++)
		if (fixed[i].letter == letter)
			text = fixed[i].text;
	if (!text && strchr("HlqmbvaowWBMA", letter)) {
		machine_read(m);
		text = of_machine(m, letter);
	}
	if (text)
		fits = span_copy(span_of(text), buf, size);
	else if (!of_name(name, letter, buf, size, &fits) &&
	         !of_fragment(fragment, letter, buf, size, &fits))
		return err_say(e, "%%%c is no known specifier", letter);
	return fits ? 0 : err_say(e, "longer than %zu bytes with its specifiers filled in", size);
}

/* A % that stands for itself: at the end, or before a blank. */
static bool is_plain(struct span after)
{
	return after.len == 0 || after.at[0] == '\0' || after.at[0] == ' ' || after.at[0] == '\t';
}

int specifier_expand(struct machine *m, const char *name, const char *fragment, struct span text,
                     char *buf, size_t size, struct err *e)
{
	size_t used = 0;

	buf[0] = '\0';
	while (text.len) {
		const char *percent = memchr(text.at, '%', text.len);
		size_t len = percent ? (size_t)(percent - text.at) : text.len;
		bool special = percent && !is_plain(span_from(text, len + 1));

		if (percent && !special)
			len++;
		if (len >= size - used)
			return err_say(e, "longer than %zu bytes with its specifiers filled in", size - 1);
		memcpy(buf + used, text.at, len);
		used += len;
		buf[used] = '\0';
		text = span_from(text, len);
		if (!special)
			continue;
		if (expand_one(m, name, fragment, text.at[1], buf + used, size - used, e) < 0)
			return -1;
		used += strlen(buf + used);
		text = span_from(text, 2);
	}
	return 0;
}
