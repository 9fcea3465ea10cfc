/* rescue: what happens when a stage fails that a boot can't do without.
 *
 * The message, what was tried, then a countdown to a restart; where the policy
 * (slate.shell=) allows it, a key gives a shell, after a password or openly.
 * Nothing waits for ever on a machine that nobody stands at.  */
#ifndef BOOT_RESCUE_H
#define BOOT_RESCUE_H

#include "boot.h"
#include "stage.h"

enum root_password {
	PASSWORD_UNKNOWN, /* no root, or it has no shadow file */
	PASSWORD_EMPTY,
	PASSWORD_LOCKED, /* nobody can log in with it */
	PASSWORD_SET,
};

/* Which shell there is, from the setting and what is known. Never SHELL_UNSET;
 * SHELL_LOGIN only with a password to check. */
enum setting_shell rescue_policy(int setting, bool has_key, enum root_password password);

/* What the text of a shadow file says of root; *hash is set for PASSWORD_SET. */
enum root_password rescue_password(struct span shadow, struct span *hash);

/* For struct stage_actions. */
bool rescue_run(struct boot *b, const struct stage *s, const struct err *e);
void rescue_pause(struct boot *b, const struct stage *s);

/* Whether somebody at the console of this machine may be root without a password. */
bool rescue_gives_shell(const struct boot *b);

/* Restarts the machine; when even that fails, waits for ever. */
_Noreturn void rescue_restart(const struct boot *b);

#endif
