#include "path.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/dir.h"
#include "../base/fd.h"
#include "name.h"

const char *const unit_search_path[] = {
	"etc/slate/system",
	"etc/systemd/system",
	"run/systemd/system",
	"usr/local/lib/systemd/system",
	"usr/lib/slate/system",
	"run/slate/system",
	"run/slate/lib/system",
	"usr/lib/systemd/system",
	"lib/systemd/system",
	NULL,
};

static int compare(struct span a, struct span b)
{
	int order = memcmp(a.at, b.at, a.len < b.len ? a.len : b.len);

	return order ? order : (a.len > b.len) - (a.len < b.len);
}

static int by_name(const void *a, const void *b)
{
	const struct search_entry *x = a, *y = b;
	int order = compare(x->name, y->name);

	return order ? order : (int)x->dir - (int)y->dir;
}

static void add_entry(struct search *s, int fd, const struct dirent *d)
{
	struct search_entry *entry = &s->entries[s->n];
	struct span name = span_of(d->d_name);
	struct stat st;

	if (d->d_name[0] == '.' || s->n == SEARCH_ENTRIES_MAX)
		return;
	*entry = (struct search_entry){
		.name = { arena_copy(&s->names, name), name.len },
		.dir = (uint8_t)s->dirs_n,
		.is_link = d->d_type == DT_LNK,
		.is_dir = d->d_type == DT_DIR,
	};
	if (d->d_type == DT_UNKNOWN && fstatat(fd, d->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		entry->is_link = S_ISLNK(st.st_mode);
		entry->is_dir = S_ISDIR(st.st_mode);
	}
	s->n += !s->names.full;
}

/* On merged-/usr systems /lib is /usr/lib: read once. */
static bool is_known(const struct search *s, int fd)
{
	struct stat new, old;

	if (fstat(fd, &new) < 0)
		return false;
	for (unsigned i = 0; i < s->dirs_n; i++)
		if (fstat(s->fds[i], &old) == 0 && old.st_dev == new.st_dev &&
		    old.st_ino == new.st_ino)
			return true;
	return false;
}

static void read_dir(struct search *s, const char *path)
{
	FD_AUTO fd = fd_open_in_root(s->root, path, O_RDONLY | O_DIRECTORY, 0);
	DIR *dir = dir_list(fd < 0 || is_known(s, fd) ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 3));
	const struct dirent *d;

	if (!dir)
		return;
	while ((d = readdir(dir)))
		add_entry(s, fd, d);
	closedir(dir);
	s->dirs[s->dirs_n] = path;
	s->fds[s->dirs_n++] = fd_take(&fd);
}

static bool is_folder(struct span name)
{
	static const char *const endings[] = { ".d", ".wants", ".requires", ".upholds" };

	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
		if (span_ends(name, endings[i]))
			return true;
	return false;
}

static void list_folders(struct search *s)
{
	s->folders = arena_take(&s->names, s->n + 1, sizeof *s->folders);
	for (unsigned i = 0; i < s->n && !s->names.full; i++)
		if (is_folder(s->entries[i].name))
			s->folders[s->folders_n++] = (uint16_t)i;
}

int search_open(struct search *s, int root, const char *const *dirs, struct err *e)
{
	*s = (struct search){ .root = root };
	if (arena_open(&s->names, (size_t)4 << 20, false, e) < 0)
		return -1;
	s->entries = arena_take(&s->names, SEARCH_ENTRIES_MAX, sizeof *s->entries);
	for (; *dirs && s->dirs_n < SEARCH_DIRS_MAX; dirs++)
		read_dir(s, *dirs);
	qsort(s->entries, s->n, sizeof *s->entries, by_name);
	list_folders(s);
	return 0;
}

void search_close(struct search *s)
{
	for (unsigned i = 0; i < s->dirs_n; i++)
		fd_drop(&s->fds[i]);
	arena_close(&s->names);
	*s = (struct search){ 0 };
}

const struct search_entry *search_find(const struct search *s, struct span name)
{
	unsigned low = 0, high = s->n;

	while (low < high) {
		unsigned middle = (low + high) / 2;

		if (compare(name, s->entries[middle].name) > 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < s->n && compare(name, s->entries[low].name) == 0 ? &s->entries[low] : NULL;
}

static const struct search_entry *next_of_name(const struct search *s,
                                               const struct search_entry *entry)
{
	const struct search_entry *next = entry + 1;

	return next < s->entries + s->n && compare(next->name, entry->name) == 0 ? next : NULL;
}

bool search_path_of(const struct search *s, const struct search_entry *entry, char *buf,
                    size_t size)
{
	const struct span parts[] = { span_of(s->dirs[entry->dir]), { "/", 1 }, entry->name };

	return span_join(parts, 3, buf, size);
}

/* The target of a link; false: it is none. */
static bool read_link(int dir, const char *name, char *buf, size_t size)
{
	ssize_t len = readlinkat(dir, name, buf, size - 1);

	if (len < 0)
		return false;
	buf[len] = '\0';
	return true;
}

/* The name that the link `entry`, asked for as `name`, stands for. */
static bool alias_of(const struct search *s, const struct search_entry *entry, struct span name,
                     const char *target, char *buf, size_t size)
{
	struct span base = name_base(span_of(target));
	struct name_parts asked, other;
	char template[UNIT_NAME_SIZE];

	if (!name_parse(name, &asked) || !name_parse(base, &other) || asked.type != other.type)
		return false;
	if (compare(base, entry->name) == 0)
		return false;
	if (name_is_instance(&asked) && name_template(&asked, template, sizeof template) &&
	    span_is(base, template))
		return false;
	if (!search_find(s, base))
		return false;
	return name_instance(base, asked.instance, buf, size);
}

static void look(const struct search *s, const struct search_entry *entry, struct span name,
                 struct search_found *out)
{
	char target[512];

	if (!search_path_of(s, entry, out->path, sizeof out->path))
		return;
	out->state = SEARCH_FILE;
	if (!entry->is_link || !read_link(s->fds[entry->dir], entry->name.at, target, sizeof target))
		return;
	if (strcmp(target, "/dev/null") == 0)
		out->state = SEARCH_MASKED;
	else if (alias_of(s, entry, name, target, out->alias, sizeof out->alias))
		out->state = SEARCH_ALIAS;
}

void search_unit(const struct search *s, struct span name, struct search_found *out)
{
	const struct search_entry *entry = search_find(s, name);
	char template[UNIT_NAME_SIZE];
	struct name_parts p;

	*out = (struct search_found){ .state = SEARCH_MISSING };
	while (entry && entry->is_dir)
		entry = next_of_name(s, entry);
	if (!entry && name_parse(name, &p) && name_is_instance(&p) &&
	    name_template(&p, template, sizeof template))
		entry = search_find(s, span_of(template));
	while (entry && entry->is_dir)
		entry = next_of_name(s, entry);
	if (entry)
		look(s, entry, name, out);
}
