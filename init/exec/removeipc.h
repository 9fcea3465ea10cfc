/* removeipc: the end of RemoveIPC=: what a user has left in shared memory, semaphores
 * and message queues, of System V and of POSIX.  */
#ifndef EXEC_REMOVEIPC_H
#define EXEC_REMOVEIPC_H

#include <sys/types.h>

/* Removes all that is `uid`'s; what can't be stays. Not for root's. */
void removeipc(uid_t uid);

#endif
