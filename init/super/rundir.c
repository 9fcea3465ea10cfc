#include "rundir.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "../base/dir.h"
#include "../base/fd.h"
#include "../base/span.h"
#include "../exec/account.h"
#include "../exec/privatetmp.h"
#include "../exec/removeipc.h"
#include "../exec/spawn.h"
#include "../unit/sandbox.h"
#include "act.h"
#include "manager.h"
#include "restart.h"

#define DEPTH_MAX 64

static bool has_private_tmp(const struct exec_config *x)
{
	return x->sandbox && x->sandbox->private_tmp;
}

/* Nobody else runs as the same user: what is theirs must stay. */
static bool removes_ipc(const struct live *v, const struct exec_config *x)
{
	const struct manager *m = v->manager;

	if (!x->sandbox || !x->sandbox->remove_ipc || !x->user)
		return false;
	for (unsigned i = 0; i < m->live_n; i++) {
		const struct unit *u = m->live[i]->unit;

		if (m->live[i] != v && u->service && u->service->exec_config.user &&
		    !act_is_down(m->live[i]) && strcmp(u->service->exec_config.user, x->user) == 0)
			return false;
	}
	return true;
}

static bool is_runtime_due(const struct live *v, const struct exec_config *x)
{
	if (x->dirs[DIR_RUNTIME].names.n == 0 || x->runtime_preserve == PRESERVE_YES)
		return false;
	return x->runtime_preserve == PRESERVE_NO || !restart_is_due(v);
}

bool rundir_is_due(const struct live *v)
{
	const struct exec_config *x = &v->unit->service->exec_config;

	return has_private_tmp(x) || removes_ipc(v, x) || is_runtime_due(v, x);
}

static void remove_entry(int parent, const char *name, int depth)
{
	if (unlinkat(parent, name, 0) == 0 || (errno != EISDIR && errno != EPERM))
		return;
	if (depth < DEPTH_MAX) {
		DIR *dir = dir_list(openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));

		if (!dir)
			return;
		for (const struct dirent *entry; (entry = dir_next(dir));)
			remove_entry(dirfd(dir), entry->d_name, depth + 1);
		closedir(dir);
	}
	unlinkat(parent, name, AT_REMOVEDIR);
}

static void remove_private_tmp(const struct live *v)
{
	char name[PRIVATETMP_SIZE];

	privatetmp_name(v->unit, &v->invocation, name);
	for (int i = 0; i < 2; i++) {
		FD_AUTO base = open(privatetmp_bases[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (base >= 0)
			remove_entry(base, name, 0);
	}
}

static void remove_runtime(const struct text_list *names)
{
	for (unsigned i = 0; i < names->n; i++) {
		char path[512];
		char *slash;

		if (!span_copy(span_of(names->at[i]), path, sizeof path))
			continue;
		slash = strrchr(path, '/');

		/* the way there is not the service's: no link in it is followed */
		FD_AUTO run = open("/run", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		FD_AUTO parent = -1;

		if (slash)
			*slash = '\0';
		parent = fd_open_beneath(run, slash ? path : ".", O_RDONLY | O_DIRECTORY, 0);
		if (parent >= 0)
			remove_entry(parent, slash ? slash + 1 : path, 0);
	}
}

static _Noreturn void remove_all(const struct live *v)
{
	const struct exec_config *x = &v->unit->service->exec_config;
	struct account account;
	struct err ignored;

	if (is_runtime_due(v, x))
		remove_runtime(&x->dirs[DIR_RUNTIME].names);
	if (has_private_tmp(x))
		remove_private_tmp(v);
	if (removes_ipc(v, x) && account_find(x->user, &account, &ignored) == 0)
		removeipc(account.uid);
	_exit(0);
}

pid_t rundir_remove(struct live *v)
{
	struct err e;
	FD_AUTO group = cgroup_make(&v->manager->cgroup, v->unit, &e);
	pid_t pid = spawn_copy(group);

	if (pid == 0)
		remove_all(v);
	return pid < 0 ? 0 : pid;
}
