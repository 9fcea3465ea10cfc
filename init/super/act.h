/* act: carries out what the table of service.c asks for.
 *
 * The one place where a unit's state changes. Never blocks, never allocates.  */
#ifndef SUPER_ACT_H
#define SUPER_ACT_H

#include "live.h"

/* Something happened to the unit: steps its state and acts, until nothing more
 * follows. EV_NONE is fine. */
void act_event(struct live *v, enum svc_event ev);

/* Starts the unit if its conditions are met and it was not started too often.
 * JOB_DONE: on its way, or up already; else why not. */
enum job_result act_start(struct live *v);

/* A process of the unit has ended, with waitpid's status. */
void act_main_ended(struct live *v, int status);
void act_control_ended(struct live *v, int status);

/* Looks whether what the unit waits for is gone (a control group that became empty). */
void act_look(struct live *v);

/* READY=1, the exec of Type=exec. */
void act_ready(struct live *v);

bool act_is_up(const struct live *v);      /* up, exited or reloading */
bool act_is_down(const struct live *v);    /* down, failed or waiting for a restart */
bool act_is_ending(const struct live *v);  /* stopping, whatever the stage */

/* The callbacks of a live struct's deadlines; set when it is made. */
void act_timeout(struct deadline *d);
void act_retry(struct deadline *d);
void act_watchdog(struct deadline *d);

#endif
