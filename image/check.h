/* check: `slate image verify`, whether images are what a key has signed. */
#ifndef IMAGE_CHECK_H
#define IMAGE_CHECK_H

/* argv[0] is "verify". Returns an exit status: 0 only when every image that was
 * found is signed and whole. */
int check_run(int argc, char **argv);

#endif
