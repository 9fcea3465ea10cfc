/* The guest's side of the power-cut rig.
 *
 *     powercut record SEQUENCE FSTYPE DEVICE STEP…
 *     powercut check DEVICE
 *     powercut chain SEQUENCE FSTYPE STEP MEDIA BYTES
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chain.h"
#include "check.h"
#include "record.h"

int main(int argc, char **argv)
{
	struct err e = { 0 };
	int result;

	if (argc >= 6 && strcmp(argv[1], "record") == 0)
		result = record_steps(argv[2], argv[3], argv[4], argv + 5, &e);
	else if (argc == 3 && strcmp(argv[1], "check") == 0)
		result = check_deck(argv[2], &e);
	else if (argc == 7 && strcmp(argv[1], "chain") == 0)
		result = chain_round(
			&(struct chain){ atoi(argv[5]), strtoull(argv[6], NULL, 10) }, argv[2],
			argv[3], argv[4], &e);
	else
		result = err_say(&e, "usage: see the top of main.c");
	printf(result < 0 ? "FAILED %s\n" : "DONE\n", e.text);
	return result < 0;
}
