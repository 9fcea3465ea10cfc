/* install: which units are started at boot, as links below etc/slate/system.
 *
 * What [Install] asks for is written as links relative to a root directory;
 * nothing is started or stopped. Each returns how many links it made or removed,
 * or -1 with *e. `say` hears of each. See systemctl(1), "enable".  */
#ifndef UNIT_INSTALL_H
#define UNIT_INSTALL_H

#include "set.h"

struct install {
	struct unit_source source;
	void (*say)(void *ctx, const char *text);
	void *ctx;
};

int install_enable(const struct install *in, const char *name, struct err *e);
int install_disable(const struct install *in, const char *name, struct err *e);
int install_mask(const struct install *in, const char *name, struct err *e);
int install_unmask(const struct install *in, const char *name, struct err *e);

enum install_state {
	INSTALL_NONE,
	INSTALL_ENABLED,
	INSTALL_DISABLED,
	INSTALL_STATIC, /* no [Install]: others start it */
	INSTALL_INDIRECT, /* only Also= */
	INSTALL_ALIAS,
	INSTALL_MASKED,
	INSTALL_BAD,
	INSTALL_NOT_FOUND,
};
/* The state of `name`; -1 with *e: no name of a unit. */
int install_state(const struct install *in, const char *name, struct err *e);
const char *install_state_name(enum install_state state);

/* What the preset files say: 1 enable, 0 disable, -1 with *e. `name` is a template
 * or a whole name; for a template with instances, install_preset enables each. */
int preset_query(int root, const char *name, struct err *e);
int install_preset(const struct install *in, const char *name, struct err *e);

#endif
