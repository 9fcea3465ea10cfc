#include "apparmor.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../init/base/fd.h"
#include "../init/base/names.h"
#include "../init/base/span.h"
#include "tool.h"

#define FEATURES "/usr/share/apparmor-features/features"

/* What a package manager or an editor leaves beside a file. */
static bool is_leftover(const char *name)
{
	static const char *const endings[] = { "~", ".dpkg-old", ".dpkg-dist", ".dpkg-new",
		                               ".dpkg-bak", ".rpmnew", ".rpmsave", ".orig", ".rej" };

	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
		if (span_ends(span_of(name), endings[i]))
			return true;
	return name[0] == '.' || strcmp(name, "README") == 0;
}

static bool is_profile(int dir, const char *name)
{
	char disabled[300];
	struct stat st;

	snprintf(disabled, sizeof disabled, "disable/%.255s", name);
	return !is_leftover(name) && fstatat(dir, name, &st, 0) == 0 && S_ISREG(st.st_mode) &&
	       faccessat(dir, disabled, F_OK, AT_SYMLINK_NOFOLLOW) < 0;
}

/* The features that the root's kernel is held to have: Debian's package brings them. */
static const char *features_of(const char *root, char path[static 700])
{
	snprintf(path, 700, "%s" FEATURES, root);
	if (access(path, R_OK) == 0)
		return path;
	return access(FEATURES, R_OK) == 0 ? FEATURES : NULL;
}

static int compile(const char *root, const char *base, const char *name, const char *out,
                   struct err *e)
{
	char from[900], to[900], features_path[700];
	const char *features = features_of(root, features_path);
	const char *argv[16] = { "apparmor_parser", "--skip-cache", "--skip-kernel-load", "--quiet" };
	size_t n = 4;

	snprintf(from, sizeof from, "%s/%s", base, name);
	snprintf(to, sizeof to, "%s/%s", out, name);
	if (features) {
		argv[n++] = "--policy-features";
		argv[n++] = features;
		argv[n++] = "--kernel-features";
		argv[n++] = features;
	}
	argv[n++] = "--base";
	argv[n++] = base;
	argv[n++] = "--ofile";
	argv[n++] = to;
	argv[n++] = from;
	return tool_run(argv, NULL, e) < 0 ? err_wrap(e, "etc/apparmor.d/%s", name) : 0;
}

static int find(struct names *profiles, const char *base, struct err *e)
{
	const struct dirent *entry;
	DIR *dir = opendir(base);
	int result = 0;

	if (!dir)
		return err_sys(e, "--apparmor: open %s", base);
	while (result >= 0 && (entry = readdir(dir)))
		if (is_profile(dirfd(dir), entry->d_name))
			result = names_add(profiles, entry->d_name, e);
	closedir(dir);
	names_sort(profiles);
	return result;
}

int apparmor_compile(const char *root, const char *out, struct err *e)
{
	NAMES_AUTO profiles = { 0 };
	char base[600];

	snprintf(base, sizeof base, "%s/etc/apparmor.d", root);
	if (find(&profiles, base, e) < 0 || fd_mkdirs(AT_FDCWD, out, 0755, e) < 0)
		return -1;
	if (profiles.n == 0)
		return err_say(e, "--apparmor: no profile in %s", base);
	for (size_t i = 0; i < profiles.n; i++)
		if (compile(root, base, profiles.at[i], out, e) < 0)
			return -1;
	return 0;
}
