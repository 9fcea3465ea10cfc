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

/* The same, but it may also make, change and remove files, links and directories below
 * the directory `tree` (borrowed), and no device, with any owner, mode, attribute or
 * file capability: for the one that unpacks. It keeps the capabilities for that; the
 * system calls that lend them to anything else are gone. Landlock must know how to
 * allow renames between directories (Linux 5.19), or that wall is missing. */
int confine_writer(int tree);

#endif
