#include "facts.h"

#include <fcntl.h>
#include <fnmatch.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

#include "../base/fd.h"
#include "specifier.h"
#include "value.h"

enum { TEXT_SIZE = 65536 };

/* A file, or as much of its beginning as fits; "" when it can't be read. */
static struct span read_text(int root, const char *path, char *buf, size_t size)
{
	FD_AUTO fd = fd_open_in_root(root, path, O_RDONLY, 0);
	ssize_t len = fd < 0 ? -1 : fd_read_full(fd, buf, size);

	return (struct span){ buf, len > 0 ? (size_t)len : 0 };
}

/* "NAME=VALUE", or "NAME" alone, among blank-separated words. */
static bool has_word(struct span text, struct span wanted)
{
	bool whole = memchr(wanted.at, '=', wanted.len) != NULL;
	struct span word, name, value;

	while (span_word(&text, " \t\n", &word)) {
		span_cut(word, '=', &name, &value);
		if (whole)
			name = word;
		if (name.len == wanted.len && memcmp(name.at, wanted.at, name.len) == 0)
			return true;
	}
	return false;
}

int fact_command_line(int root, const char *value, struct err *e)
{
	char text[8192];

	(void)e;
	return has_word(read_text(root, "proc/cmdline", text, sizeof text), span_of(value));
}

/* ">= 6.1" and the like, against what is given by three-way comparison. */
static bool take_operator(struct span *value, char op[3])
{
	static const char *const operators[] = { "<=", ">=", "!=", "<>", "==", "<", ">", "=" };

	for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
		if (span_starts(*value, operators[i])) {
			memcpy(op, operators[i], strlen(operators[i]) + 1);
			*value = span_trim(span_from(*value, strlen(operators[i])));
			return true;
		}
	return false;
}

static bool satisfies(int order, const char *op)
{
	if (op[0] == '<' && op[1] == '>')
		return order != 0;
	switch (op[0]) {
	case '<':
		return order < 0 || (op[1] == '=' && order == 0);
	case '>':
		return order > 0 || (op[1] == '=' && order == 0);
	case '!':
		return order != 0;
	}
	return order == 0;
}

static int compare_versions(const char *a, const char *b)
{
	while (*a && *b) {
		if (*a >= '0' && *a <= '9' && *b >= '0' && *b <= '9') {
			char *a_end, *b_end;
			unsigned long x = strtoul(a, &a_end, 10), y = strtoul(b, &b_end, 10);

			if (x != y)
				return x < y ? -1 : 1;
			a = a_end;
			b = b_end;
			continue;
		}
		if (*a != *b)
			return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
		a++, b++;
	}
	return (*a != '\0') - (*b != '\0');
}

int fact_kernel(int root, const char *value, struct err *e)
{
	struct span left = span_of(value), word;
	struct utsname u;
	char op[3], version[128];

	(void)root;
	if (uname(&u) < 0)
		return err_sys(e, "uname");
	while ((left = span_trim(left)).len) {
		bool compares = take_operator(&left, op);

		if (!span_word(&left, " \t", &word) || !span_copy(word, version, sizeof version))
			return err_say(e, "not a version: %s", value);
		if (compares ? !satisfies(compare_versions(u.release, version), op)
		             : fnmatch(version, u.release, 0) != 0)
			return 0;
	}
	return 1;
}

int fact_architecture(int root, const char *value, struct err *e)
{
	struct machine m = { .root = root };
	char name[64];
	struct span native = span_of("native");

	if (span_is(native, value))
		return 1;
	if (specifier_expand(&m, "x.service", NULL, span_of("%a"), name, sizeof name, e) < 0)
		return -1;
	return strcmp(name, value) == 0;
}

int fact_host(int root, const char *value, struct err *e)
{
	struct machine m = { .root = root };
	struct span id;

	(void)e;
	machine_read(&m);
	id = span_of(m.machine_id);
	return (id.len && span_is(id, value)) || fnmatch(value, m.hostname, FNM_CASEFOLD) == 0;
}

static int compare_numbers(const char *value, uint64_t have, bool is_size, struct err *e)
{
	struct span text = span_of(value);
	char op[3] = ">=";
	uint64_t wanted;

	take_operator(&text, op);
	if (is_size ? !value_size(text, 1024, &wanted) : !span_uint(text, UINT64_MAX, &wanted))
		return err_say(e, "not a number: %s", value);
	return satisfies((have > wanted) - (have < wanted), op);
}

int fact_memory(int root, const char *value, struct err *e)
{
	struct sysinfo info;

	(void)root;
	if (sysinfo(&info) < 0)
		return err_sys(e, "sysinfo");
	return compare_numbers(value, (uint64_t)info.totalram * info.mem_unit, true, e);
}

int fact_cpus(int root, const char *value, struct err *e)
{
	cpu_set_t set;

	(void)root;
	CPU_ZERO(&set);
	if (sched_getaffinity(0, sizeof set, &set) < 0)
		return err_sys(e, "sched_getaffinity");
	return compare_numbers(value, (uint64_t)CPU_COUNT(&set), false, e);
}

int fact_environment(int root, const char *value, struct err *e)
{
	const char *equals = strchr(value, '=');
	char name[256];

	(void)root;
	if (!span_copy((struct span){ value, equals ? (size_t)(equals - value) : strlen(value) }, name,
	               sizeof name))
		return err_say(e, "the name is longer than %zu bytes", sizeof name - 1);

	const char *have = getenv(name);

	return have && (!equals || strcmp(have, equals + 1) == 0);
}

int fact_credential(int root, const char *value, struct err *e)
{
	char path[512];

	if (strchr(value, '/') ||
	    snprintf(path, sizeof path, "run/credentials/@system/%s", value) >= (int)sizeof path)
		return err_say(e, "not the name of a credential: %s", value);

	FD_AUTO fd = fd_open_in_root(root, path, O_PATH, 0);

	return fd >= 0;
}

int fact_module(int root, const char *value, struct err *e)
{
	char path[256];
	int len = snprintf(path, sizeof path, "sys/module/%s", value);

	if (len >= (int)sizeof path || strchr(value, '/'))
		return err_say(e, "not the name of a module: %s", value);
	for (char *p = path + strlen("sys/module/"); *p; p++)
		if (*p == '-')
			*p = '_';

	FD_AUTO fd = fd_open_in_root(root, path, O_PATH, 0);

	return fd >= 0;
}

int fact_controller(int root, const char *value, struct err *e)
{
	char text[1024];
	struct span have = read_text(root, "sys/fs/cgroup/cgroup.controllers", text, sizeof text);
	struct span left = span_of(value), word;

	(void)e;
	if (strcmp(value, "v2") == 0)
		return have.len > 0;
	while (span_word(&left, " \t", &word))
		if (!has_word(have, word))
			return 0;
	return have.len > 0;
}

int fact_cpu_feature(int root, const char *value, struct err *e)
{
	char text[TEXT_SIZE];
	struct span left = read_text(root, "proc/cpuinfo", text, sizeof text), line, name, flags;

	(void)e;
	while (span_line(&left, &line)) {
		span_cut(line, ':', &name, &flags);
		name = span_trim(name);
		if (flags.at && (span_is(name, "flags") || span_is(name, "Features")))
			return has_word(flags, span_of(value));
	}
	return 0;
}

int fact_os_release(int root, const char *value, struct err *e)
{
	char text[8192];
	struct span file = read_text(root, "etc/os-release", text, sizeof text);
	struct span left = span_of(value), word, line, key, have;

	if (file.len == 0)
		file = read_text(root, "usr/lib/os-release", text, sizeof text);
	while (span_word(&left, " \t", &word)) {
		char op[3];
		size_t at = strcspn(word.at, "<>=!");
		struct span name = { word.at, at < word.len ? at : word.len };
		struct span wanted = span_from(word, name.len), lines = file;
		char a[128] = "", b[128];

		if (!take_operator(&wanted, op) || !span_copy(wanted, b, sizeof b))
			return err_say(e, "not NAME, operator and value: %s", value);
		while (span_line(&lines, &line)) {
			span_cut(line, '=', &key, &have);
			if (!have.at || key.len != name.len || memcmp(key.at, name.at, key.len) != 0)
				continue;
			if (have.len > 1 && (have.at[0] == '"' || have.at[0] == '\''))
				have = (struct span){ have.at + 1, have.len - 2 };
			span_copy(have, a, sizeof a);
		}
		if (!satisfies(op[0] == '=' || op[0] == '!' ? strcmp(a, b) : compare_versions(a, b), op))
			return 0;
	}
	return 1;
}
