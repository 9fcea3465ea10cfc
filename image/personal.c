#include "personal.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "../init/base/dir.h"
#include "../init/base/fd.h"

/* Names in a folder: PREFIX*SUFFIX, or PREFIX alone where `suffix` is NULL. */
static const struct {
	const char *folder, *prefix, *suffix;
} rows[] = {
	{ "etc", "machine-id", NULL },
	{ "var/lib/dbus", "machine-id", NULL },
	{ "etc/ssh", "ssh_host_", "_key" },
	{ "etc/ssh", "ssh_host_", "_key.pub" },
	{ "etc/dropbear", "dropbear_", "_host_key" },
	{ "etc/slate", "duid", NULL },
	{ "etc", "dhcpcd.duid", NULL },
	{ "etc", "dhcpcd.secret", NULL },
	{ "var/lib/dhcpcd", "duid", NULL },
	{ "var/lib/dhcpcd", "secret", NULL },
	{ "var/lib/NetworkManager", "secret_key", NULL },
	{ "var/lib/systemd", "random-seed", NULL },
	{ "var/lib/systemd", "credential.secret", NULL },
	{ "var/lib/urandom", "random-seed", NULL },
	{ "var/lib/misc", "random-seed", NULL },
	{ "var/lib/seedrng", "seed.", "credit" },
};

enum { NO_MACHINE_ID = 14 }; /* "uninitialized" and a line's end */

static bool name_fits(size_t row, struct span name)
{
	size_t prefix = strlen(rows[row].prefix);

	if (!rows[row].suffix)
		return span_is(name, rows[row].prefix);
	return span_starts(name, rows[row].prefix) &&
	       span_ends(span_from(name, prefix), rows[row].suffix);
}

bool personal_is(struct span path, uint64_t size)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		size_t folder = strlen(rows[i].folder);

		if (path.len <= folder + 1 || path.at[folder] != '/' ||
		    memcmp(path.at, rows[i].folder, folder) != 0 ||
		    !name_fits(i, span_from(path, folder + 1)))
			continue;
		return size > (strcmp(rows[i].prefix, "machine-id") == 0 ? NO_MACHINE_ID : 0);
	}
	return false;
}

int personal_note(struct personal *p, struct span path, uint64_t size, struct err *e)
{
	if (!personal_is(path, size))
		return 0;
	if (p->n == PERSONAL_MAX || !span_copy(path, p->paths[p->n], sizeof p->paths[p->n]))
		return err_say(e, "the root holds the identity of more than one machine: more than "
		                  "%d host keys, seeds and the like",
		               PERSONAL_MAX);
	p->n++;
	return 0;
}

static bool is_noted(const struct personal *p, const char *path)
{
	for (size_t i = 0; i < p->n; i++)
		if (strcmp(p->paths[i], path) == 0)
			return true;
	return false;
}

static int look_in(int root, size_t row, struct personal *out, struct err *e)
{
	DIR *d = dir_list(fd_open_in_root(root, rows[row].folder, O_RDONLY | O_DIRECTORY, 0));
	int result = 0;

	if (!d)
		return 0;
	for (struct dirent *entry; result == 0 && (entry = readdir(d));) {
		char path[400];
		struct stat st;

		if (!name_fits(row, span_of(entry->d_name)) ||
		    fstatat(dirfd(d), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		    !S_ISREG(st.st_mode))
			continue;
		snprintf(path, sizeof path, "%s/%s", rows[row].folder, entry->d_name);
		if (!is_noted(out, path))
			result = personal_note(out, span_of(path), (uint64_t)st.st_size, e);
	}
	closedir(d);
	return result;
}

int personal_find(const char *root, struct personal *out, struct err *e)
{
	FD_AUTO dir = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	*out = (struct personal){ .n = 0 };
	if (dir < 0)
		return err_sys(e, "open %s", root);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (look_in(dir, i, out, e) < 0)
			return -1;
	return 0;
}

void personal_list(const struct personal *p, char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < p->n && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%s", i ? ", " : "",
		                         p->paths[i]);
}
