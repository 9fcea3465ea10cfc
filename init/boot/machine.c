#include "machine.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "../base/fd.h"
#include "../base/span.h"

static bool read_line(const char *path, char *out, size_t size)
{
	char text[256];
	struct err ignored;
	ssize_t len = fd_read_file(AT_FDCWD, path, text, sizeof text, &ignored);

	/* the device tree's texts end with a NUL */
	return len > 0 && span_copy(span_trim(span_of(text)), out, size) && out[0];
}

static uint64_t read_number(const char *path, uint64_t otherwise)
{
	char text[32];
	uint64_t n;

	if (!read_line(path, text, sizeof text) || !span_uint(span_of(text), UINT32_MAX, &n))
		return otherwise;
	return n;
}

static void dashes(char *mac)
{
	for (char *c = mac; *c; c++)
		*c = *c == ':' ? '-' : (char)tolower((unsigned char)*c);
}

/* The card that BOOTIF= names, else the one that the kernel found first. */
static void read_mac(struct machine *m, const char *bootif)
{
	uint64_t lowest = UINT64_MAX;
	DIR *d = opendir("/sys/class/net");

	if (!d)
		return;
	for (struct dirent *entry; (entry = readdir(d));) {
		char path[320], mac[sizeof m->mac];

		snprintf(path, sizeof path, "/sys/class/net/%s/type", entry->d_name);
		if (read_number(path, 0) != 1) /* ARPHRD_ETHER */
			continue;
		snprintf(path, sizeof path, "/sys/class/net/%s/address", entry->d_name);
		if (!read_line(path, mac, sizeof mac))
			continue;
		dashes(mac);
		snprintf(path, sizeof path, "/sys/class/net/%s/ifindex", entry->d_name);

		uint64_t index = read_number(path, UINT32_MAX);

		/* 01- is the kind of hardware */
		if (strlen(bootif) > 3 && strcasecmp(bootif + 3, mac) == 0)
			index = 0;
		if (index >= lowest)
			continue;
		lowest = index;
		memcpy(m->mac, mac, sizeof mac);
	}
	closedir(d);
}

/* Of a machine without DMI the device tree says it. */
static void read_serial(struct machine *m)
{
	if (!read_line("/sys/class/dmi/id/product_serial", m->serial, sizeof m->serial))
		read_line("/sys/firmware/devicetree/base/serial-number", m->serial,
		          sizeof m->serial);
}

bool machine_pattern_has(const char *pattern, const char *key)
{
	return strstr(pattern, key) != NULL;
}

void machine_read(struct machine *m, const char *pattern, const char *bootif)
{
	char hostname[sizeof m->hostname];

	memcpy(hostname, m->hostname, sizeof hostname);
	*m = (struct machine){ 0 };
	memcpy(m->hostname, hostname, sizeof hostname);
	if (machine_pattern_has(pattern, "{MAC}"))
		read_mac(m, bootif);
	if (machine_pattern_has(pattern, "{UUID}"))
		read_line("/sys/class/dmi/id/product_uuid", m->uuid, sizeof m->uuid);
	if (machine_pattern_has(pattern, "{SERIAL}"))
		read_serial(m);
	for (char *c = m->uuid; *c; c++)
		*c = (char)tolower((unsigned char)*c);
}

static const char *value_of(const struct machine *m, struct span key)
{
	if (span_is(key, "MAC"))
		return m->mac;
	if (span_is(key, "UUID"))
		return m->uuid;
	if (span_is(key, "SERIAL"))
		return m->serial;
	return span_is(key, "HOSTNAME") ? m->hostname : NULL;
}

static bool is_plain(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c == '-' || c == '_' || c == '.';
}

/* A text in the making. */
struct filling {
	const char *option; /* in messages: "slate.name=" */
	char *out;
	size_t size, used;
};

static int append(struct filling *f, char c, struct err *e)
{
	if (f->used + 1 >= f->size)
		return err_say(e, "%s: longer than %zu characters when filled in", f->option,
		               f->size - 1);
	f->out[f->used++] = c;
	return 0;
}

static int append_value(struct filling *f, const struct machine *m, struct span key, struct err *e)
{
	const char *value = value_of(m, key);

	if (!value)
		return err_say(e, "%s: {%.*s} is not one of {MAC}, {UUID}, {SERIAL}, {HOSTNAME}",
		               f->option, SPAN_ARGS(key));
	if (!value[0])
		return err_say(e, "%s: this machine shows no {%.*s}", f->option, SPAN_ARGS(key));
	for (; *value; value++)
		if (append(f, is_plain(*value) ? *value : '-', e) < 0)
			return -1;
	return 0;
}

/* `plain`: what has no place in a file name becomes '-' in the pattern too. */
static int fill(struct filling *f, const struct machine *m, const char *pattern, bool plain,
                struct err *e)
{
	for (const char *c = pattern; *c; c++) {
		const char *end = *c == '{' ? strchr(c, '}') : NULL;

		if (!end) {
			if (append(f, plain && !is_plain(*c) ? '-' : *c, e) < 0)
				return -1;
			continue;
		}

		struct span key = { c + 1, (size_t)(end - c - 1) };

		if (append_value(f, m, key, e) < 0)
			return -1;
		c = end;
	}
	f->out[f->used] = '\0';
	return 0;
}

int machine_fill(const struct machine *m, const char *pattern, char *out, size_t size,
                 struct err *e)
{
	struct filling f = { "slate.name=", out, size, 0 };

	if (fill(&f, m, pattern, true, e) < 0)
		return -1;
	if (f.used == 0 || out[0] == '.')
		return err_say(e, "slate.name=%s: not a name", pattern);
	return 0;
}

int machine_fill_url(const struct machine *m, const char *option, const char *pattern, char *out,
                     size_t size, struct err *e)
{
	struct filling f = { option, out, size, 0 };

	return fill(&f, m, pattern, false, e);
}
