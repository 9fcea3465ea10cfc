/* control_verbs: what each request of the control socket does, and how a unit is
 * described to the client.  */
#ifndef SUPER_CONTROL_VERBS_H
#define SUPER_CONTROL_VERBS_H

#include "control_server.h"

/* Carries the request out. Sets the client's stage: CLIENT_LISTS with a cursor,
 * or CLIENT_WAITS with the jobs to wait for, if any. */
void control_run(struct control_client *c, const struct control_request *r);

/* Puts the next unit's packet into c->packet. False: there is no further one. */
bool control_list_next(struct control_client *c);

/* The answer will be "failed", with the first such reason. */
void control_fail(struct control_client *c, const struct err *e);

#endif
