/* info: `slate image info`, what image files say of themselves. */
#ifndef IMAGE_INFO_H
#define IMAGE_INFO_H

/* argv[0] is "info". Returns an exit status. */
int info_run(int argc, char **argv);

#endif
