#include "control.h"

#include <string.h>

static const struct {
	const char *name;
	unsigned min, max; /* arguments */
} verbs[CONTROL_VERBS] = {
	[CONTROL_LIST] = { "list", 0, CONTROL_ARGS_MAX },
	[CONTROL_START] = { "start", 1, CONTROL_ARGS_MAX },
	[CONTROL_STOP] = { "stop", 1, CONTROL_ARGS_MAX },
	[CONTROL_RESTART] = { "restart", 1, CONTROL_ARGS_MAX },
	[CONTROL_TRY_RESTART] = { "try-restart", 1, CONTROL_ARGS_MAX },
	[CONTROL_RELOAD] = { "reload", 1, CONTROL_ARGS_MAX },
	[CONTROL_RELOAD_OR_RESTART] = { "reload-or-restart", 1, CONTROL_ARGS_MAX },
	[CONTROL_ISOLATE] = { "isolate", 1, 1 },
	[CONTROL_KILL] = { "kill", 3, CONTROL_ARGS_MAX },
	[CONTROL_RESET_FAILED] = { "reset-failed", 0, CONTROL_ARGS_MAX },
	[CONTROL_DAEMON_RELOAD] = { "daemon-reload", 0, 0 },
	[CONTROL_DAEMON_REEXEC] = { "daemon-reexec", 0, 0 },
	[CONTROL_SHUTDOWN] = { "shutdown", 1, 2 },
	[CONTROL_MANAGER] = { "manager", 0, 0 },
};

const char *control_verb_name(enum control_verb verb)
{
	return verb > CONTROL_NONE && verb < CONTROL_VERBS ? verbs[verb].name : NULL;
}

static enum control_verb find(const char *name)
{
	for (int i = CONTROL_NONE + 1; i < CONTROL_VERBS; i++)
		if (strcmp(verbs[i].name, name) == 0)
			return (enum control_verb)i;
	return CONTROL_NONE;
}

static const char *next_word(const char *word)
{
	return word + strlen(word) + 1;
}

int control_decode(const char *packet, size_t len, struct control_request *r, struct err *e)
{
	const char *word = packet, *end = packet + len;

	*r = (struct control_request){ 0 };
	if (len == 0 || len > CONTROL_REQUEST_MAX || packet[len - 1] != '\0')
		return err_say(e, "not a request");
	r->verb = find(word);
	if (r->verb == CONTROL_NONE)
		return err_say(e, "no such request: %.40s", word);
	for (word = next_word(word); word < end; word = next_word(word)) {
		if (r->n == 0 && strcmp(word, "--no-wait") == 0) {
			r->no_wait = true;
			continue;
		}
		if (r->n == verbs[r->verb].max)
			return err_say(e, "%s: more than %u arguments", verbs[r->verb].name, r->n);
		r->args[r->n++] = word;
	}
	if (r->n < verbs[r->verb].min)
		return err_say(e, "%s: %u arguments are needed", verbs[r->verb].name,
		               verbs[r->verb].min);
	return 0;
}
