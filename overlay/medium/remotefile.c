#include "remotefile.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "../../init/base/fd.h"

static const char *const state_names[] = {
	[REMOTE_NONE] = "none",
	[REMOTE_HELD] = "held",
	[REMOTE_EMPTY] = "empty",
	[REMOTE_UNKNOWN] = "unknown",
};

int remotefile_read(const char *path, struct remote *r, struct err *e)
{
	char state[16] = "";
	int found;

	*r = (struct remote){ .state = REMOTE_NONE };
	found = fd_read_value(path, "url", r->url, sizeof r->url, e);
	if (found <= 0)
		return found;
	if (fd_read_value(path, "etag", r->etag, sizeof r->etag, e) < 0 ||
	    fd_read_value(path, "state", state, sizeof state, e) < 0)
		return -1;
	r->state = REMOTE_UNKNOWN;
	for (size_t i = 0; i < sizeof state_names / sizeof *state_names; i++)
		if (strcmp(state, state_names[i]) == 0)
			r->state = (enum remote_state)i;
	return 0;
}

int remotefile_write(const char *path, const struct remote *r, struct err *e)
{
	char text[REMOTE_URL_MAX + FETCHER_ETAG_MAX + 64];
	int len = snprintf(text, sizeof text, "url=%s\netag=%s\nstate=%s\n", r->url, r->etag,
	                   state_names[r->state]);

	return fd_write_file(AT_FDCWD, path, text, (size_t)len, e);
}
