/* confine: what a process that reads foreign bytes gives up before the first of them.
 *
 * For children that decode what a medium or a server holds: a hole in a decoder is
 * then worth reading files and little else. libc only; a kernel without one of the
 * three walls (capabilities, Landlock, seccomp) leaves the others.  */
#ifndef BASE_CONFINE_H
#define BASE_CONFINE_H

/* From here on this process reads what is open and what is below any directory, and
 * writes only to what is open: it has no capability but CAP_DAC_READ_SEARCH and
 * CAP_IPC_LOCK, gains none by an exec, creates, changes, removes and executes no
 * file, opens no socket, starts no process. What it must not do fails with EPERM or
 * EACCES. Returns how many of the three walls stand. */
int confine_reader(void);

#endif
