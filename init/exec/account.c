#include "account.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/span.h"

#define FIELDS 7

static void split(char *line, char *fields[FIELDS])
{
	line[strcspn(line, "\n")] = '\0';
	for (int i = 0; i < FIELDS; i++)
		fields[i] = line ? strsep(&line, ":") : NULL;
}

static int number(const char *text, uint32_t *out)
{
	uint64_t value;

	/* the largest one means "leave it" to setuid(2) and its like */
	if (!text || !span_uint(span_of(text), UINT32_MAX - 1, &value))
		return -1;
	*out = (uint32_t)value;
	return 0;
}

/* Calls match() with each line's fields until it returns 1 (found) or the file ends. */
static int scan(const char *file, int (*match)(void *ctx, char *fields[FIELDS]), void *ctx,
                struct err *e)
{
	FILE *in = fopen(file, "re");
	char *line = NULL;
	size_t room = 0;
	int found = 0;

	if (!in)
		return err_sys(e, "open %s", file);
	while (!found && getline(&line, &room, in) > 0) {
		char *fields[FIELDS];

		split(line, fields);
		found = match(ctx, fields);
	}
	free(line);
	fclose(in);
	return found;
}

struct user_search {
	const char *name;
	bool by_number;
	uint32_t wanted;
	struct account *into;
};

static int match_user(void *ctx, char *fields[FIELDS])
{
	struct user_search *s = ctx;
	uint32_t uid, gid;

	if (!fields[3] || number(fields[2], &uid) < 0 || number(fields[3], &gid) < 0)
		return 0;
	if (s->by_number ? uid != s->wanted : strcmp(fields[0], s->name) != 0)
		return 0;
	s->into->uid = uid;
	s->into->gid = gid;
	snprintf(s->into->name, sizeof s->into->name, "%s", fields[0]);
	snprintf(s->into->home, sizeof s->into->home, "%s", fields[5] && *fields[5] ? fields[5] : "/");
	snprintf(s->into->shell, sizeof s->into->shell, "%s",
	         fields[6] && *fields[6] ? fields[6] : "/bin/sh");
	return 1;
}

int account_find(const char *user, struct account *a, struct err *e)
{
	struct user_search s = { .name = user, .into = a };
	int found;

	*a = (struct account){ .home = "/", .shell = "/bin/sh" };
	s.by_number = number(user, &s.wanted) == 0;
	found = scan("/etc/passwd", match_user, &s, e);
	if (found < 0 && !s.by_number)
		return -1;
	if (found <= 0 && !s.by_number)
		return err_say(e, "no such user: %s", user);
	if (found <= 0)
		a->uid = a->gid = s.wanted;
	return 0;
}

struct group_search {
	const char *name;
	gid_t gid;
};

static int match_group(void *ctx, char *fields[FIELDS])
{
	struct group_search *s = ctx;

	return fields[2] && strcmp(fields[0], s->name) == 0 && number(fields[2], &s->gid) == 0;
}

int account_group(const char *group, gid_t *gid, struct err *e)
{
	struct group_search s = { .name = group };
	int found;

	if (number(group, gid) == 0)
		return 0;
	found = scan("/etc/group", match_group, &s, e);
	if (found < 0)
		return -1;
	if (!found)
		return err_say(e, "no such group: %s", group);
	*gid = s.gid;
	return 0;
}

struct member_search {
	const char *user;
	gid_t *groups;
	size_t *n;
};

static int match_member(void *ctx, char *fields[FIELDS])
{
	struct member_search *s = ctx;
	struct span rest = span_of(fields[3] ? fields[3] : ""), member;
	gid_t gid;

	while (span_word(&rest, ",", &member)) {
		if (!span_is(member, s->user) || number(fields[2], &gid) < 0)
			continue;
		if (*s->n < ACCOUNT_GROUPS_MAX)
			s->groups[(*s->n)++] = gid;
		break;
	}
	return 0;
}

int account_groups_of(const char *user, gid_t groups[ACCOUNT_GROUPS_MAX], size_t *n,
                      struct err *e)
{
	struct member_search s = { user, groups, n };

	return scan("/etc/group", match_member, &s, e) < 0 ? -1 : 0;
}
