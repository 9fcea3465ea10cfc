#include "info.h"

#include "../init/base/command.h"
#include "../init/base/json.h"
#include "describe.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct info {
	bool json;
	struct json out;
	int failed;
};

static void show(struct info *i, const char *path, const struct description *d)
{
	if (!i->json) {
		printf("%s: %s\n", path, d->text);
		return;
	}
	json_object(&i->out, NULL);
	json_text(&i->out, "path", path);
	json_text(&i->out, "kind", d->kind);
	json_number(&i->out, "size", (int64_t)d->size);
	json_text(&i->out, "text", d->text);
	json_end(&i->out);
}

static void look_at(struct info *i, const char *path)
{
	struct description d;
	struct err e = { 0 };

	if (describe_file(path, &d, &e) == 0) {
		show(i, path, &d);
		return;
	}
	fprintf(stderr, "slate: image: %s\n", e.text);
	i->failed = 1;
}

/* The files of a folder that `slate image build` wrote. */
static void look_into(struct info *i, const char *folder)
{
	static const char *const names[] = { "vmlinuz", "initramfs.img", "root.squashfs", "root.erofs",
		                             "modules.squashfs", "modules.erofs", "disk.img",
		                             "disk.iso" };
	int found = 0;

	for (size_t n = 0; n < sizeof names / sizeof *names; n++) {
		char path[4096];

		snprintf(path, sizeof path, "%s/%s", folder, names[n]);
		if (access(path, F_OK) < 0)
			continue;
		found = 1;
		look_at(i, path);
	}
	if (found)
		return;
	fprintf(stderr, "slate: image: %s holds no image files\n", folder);
	i->failed = 1;
}

static void look(struct info *i, const char *path)
{
	struct stat st;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		look_into(i, path);
	else
		look_at(i, path);
}

int info_run(int argc, char **argv)
{
	struct info i = { .json = argc > 1 && strcmp(argv[1], "--json") == 0 };
	int first = i.json ? 2 : 1;

	if (first >= argc || argv[first][0] == '-') {
		fprintf(stderr, "usage: slate image info [--json] FILE|OUT...\n");
		return COMMAND_USAGE;
	}
	json_open(&i.out, stdout);
	if (i.json)
		json_array(&i.out, NULL);
	for (int at = first; at < argc; at++)
		look(&i, argv[at]);
	if (i.json)
		json_end(&i.out);
	return i.failed ? COMMAND_FAILED : COMMAND_DONE;
}
