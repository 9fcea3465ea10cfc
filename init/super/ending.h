/* ending: signals to a unit's processes, and whether they are gone, by KillMode=. */
#ifndef SUPER_ENDING_H
#define SUPER_ENDING_H

#include "live.h"

/* The actions of the table: each returns the event that follows at once. */
enum svc_event ending_term(struct live *v);
enum svc_event ending_abort(struct live *v);
enum svc_event ending_kill(struct live *v);
enum svc_event ending_settle(struct live *v);

/* Nothing is left that this state waits for. */
bool ending_is_over(const struct live *v);

/* Nothing at all is left of the unit. */
bool ending_is_empty(const struct live *v);

/* From now on, act_look is called when the unit's control group becomes empty. */
void ending_watch(struct live *v);

/* Releases what a run of the unit held: its group, watches, deadlines. */
void ending_settled(struct live *v);

/* `slate kill`: a signal for the main process, or for all of it. Returns how many. */
int ending_signal(struct live *v, int sig, bool all);

#endif
