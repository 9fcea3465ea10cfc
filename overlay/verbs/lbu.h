/* lbu: Alpine's verbs, flags and A/D/U output on slate's saved configuration.  */
#ifndef VERBS_LBU_H
#define VERBS_LBU_H

/* The whole program when it is called `lbu` (or lbu_commit, lbu_include, …).
 * Returns an exit status as command.h has them. */
int lbu_main(int argc, char **argv);

#endif
