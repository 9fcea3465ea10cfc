/* build: `slate image build`, from a checked plan to the files in OUT.
 *
 * Everything is made in OUT/.making and renamed at the end, the medium last; a
 * build that fails or is interrupted leaves what was there before. Two builds
 * into one OUT take turns.  */
#ifndef IMAGE_BUILD_H
#define IMAGE_BUILD_H

/* argv[0] is "build". Returns an exit status. */
int build_run(int argc, char **argv);

#endif
