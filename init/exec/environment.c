#include "environment.h"

#include <stdbool.h>
#include <string.h>

static bool has_name(const char *assignment, const char *name, size_t len)
{
	return strncmp(assignment, name, len) == 0 && assignment[len] == '=';
}

static char **find(const struct environment *env, const char *name, size_t len)
{
	for (size_t i = 0; i < env->n; i++)
		if (has_name(env->at[i], name, len)) {
			/* the caller's struct is not const, where it writes */
			union {
				char *const *from;
				char **to;
			} place = { &env->at[i] };

			return place.to;
		}
	return NULL;
}

static int store(struct environment *env, const char *name, size_t name_len, const char *value,
                 struct err *e)
{
	size_t value_len = strlen(value);
	char **place = find(env, name, name_len);
	char *text = env->text + env->used;

	if (name_len + value_len + 2 > sizeof env->text - env->used ||
	    (!place && env->n == ENVIRONMENT_MAX))
		return err_say(e, "environment too large at %.*s", (int)name_len, name);
	memcpy(text, name, name_len);
	text[name_len] = '=';
	memcpy(text + name_len + 1, value, value_len + 1);
	env->used += name_len + value_len + 2;
	if (place)
		*place = text;
	else
		env->at[env->n++] = text;
	env->at[env->n] = NULL;
	return 0;
}

int environment_set(struct environment *env, const char *name, const char *value, struct err *e)
{
	return store(env, name, strlen(name), value, e);
}

int environment_put(struct environment *env, const char *assignment, struct err *e)
{
	const char *equals = strchr(assignment, '=');

	if (!equals || equals == assignment)
		return 0;
	return store(env, assignment, (size_t)(equals - assignment), equals + 1, e);
}

void environment_unset(struct environment *env, const char *what)
{
	size_t len = strcspn(what, "=");
	char **place = find(env, what, len);

	if (!place || (what[len] == '=' && strcmp(*place, what) != 0))
		return;
	memmove(place, place + 1, (size_t)(env->at + env->n - place) * sizeof *place);
	env->n--;
}

const char *environment_get(const struct environment *env, const char *name)
{
	size_t len = strlen(name);
	char **place = find(env, name, len);

	return place ? *place + len + 1 : NULL;
}
