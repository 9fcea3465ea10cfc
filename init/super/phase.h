/* phase: runs the commands of one phase of a service (ExecStartPre=, …), one
 * after the other, and says what their end means for the state.  */
#ifndef SUPER_PHASE_H
#define SUPER_PHASE_H

#include "live.h"

/* Starts the first command. The event that follows at once (EV_DONE: there is
 * none), or EV_NONE while it runs. */
enum svc_event phase_begin(struct live *v, enum service_phase phase);

/* Tries again what the kernel had refused. */
enum svc_event phase_retry(struct live *v);

/* The running command ended; v's pids are cleared already. */
enum svc_event phase_command_ended(struct live *v, int status);

/* What a finished start or reload means, by what has become of the main process. */
enum svc_event phase_settled(struct live *v);

/* Stops waiting for Type=exec's exec. */
void phase_drop_exec_pipe(struct live *v);

#endif
