#include "removeipc.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/span.h"

static void remove_shm(int id)
{
	shmctl(id, IPC_RMID, NULL);
}

static void remove_sem(int id)
{
	semctl(id, 0, IPC_RMID);
}

static void remove_msg(int id)
{
	msgctl(id, IPC_RMID, NULL);
}

/* Files of proc_sysvipc(5): the object's number is the second word of a line. */
static const struct {
	const char *file;
	int uid_word; /* from 0 */
	void (*remove)(int id);
} kinds[] = {
	{ "/proc/sysvipc/shm", 7, remove_shm },
	{ "/proc/sysvipc/sem", 4, remove_sem },
	{ "/proc/sysvipc/msg", 7, remove_msg },
};

static bool read_line(struct span line, int uid_word, uint64_t *id, uint64_t *uid)
{
	struct span word;

	for (int i = 0; i <= uid_word; i++) {
		if (!span_word(&line, " \n", &word))
			return false;
		if (i == 1 && !span_uint(word, INT32_MAX, id))
			return false;
	}
	return span_uint(word, UINT32_MAX, uid);
}

static void remove_kind(const char *file, int uid_word, void (*remove)(int id), uid_t uid)
{
	FILE *f = fopen(file, "re");
	char line[512];
	uint64_t id, owner;

	if (!f)
		return;
	while (fgets(line, sizeof line, f))
		if (read_line(span_of(line), uid_word, &id, &owner) && owner == uid)
			remove((int)id);
	fclose(f);
}

static void remove_files(const char *folder, uid_t uid)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	struct stat st;

	if (!dir)
		return;
	while ((entry = readdir(dir)))
		if (fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    st.st_uid == uid && !S_ISDIR(st.st_mode))
			unlinkat(dirfd(dir), entry->d_name, 0);
	closedir(dir);
}

void removeipc(uid_t uid)
{
	if (uid == 0)
		return;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		remove_kind(kinds[i].file, kinds[i].uid_word, kinds[i].remove, uid);
	remove_files("/dev/shm", uid);
	remove_files("/dev/mqueue", uid);
}
