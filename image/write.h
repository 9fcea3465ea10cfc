/* write: `slate image write`, a disk image or ISO onto a stick.
 *
 * It is refused where it would hurt: a disk that is in use, one that can't be
 * taken out of the machine, a partition. What was written is read back from the
 * device and compared.  */
#ifndef IMAGE_WRITE_H
#define IMAGE_WRITE_H

/* argv[0] is "write". Returns an exit status. */
int write_run(int argc, char **argv);

#endif
