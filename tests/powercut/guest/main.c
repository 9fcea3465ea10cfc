/* The guest's side of the power-cut rig.
 *
 *     powercut record SEQUENCE FSTYPE DEVICE GENERATION:BYTES…
 *     powercut check DEVICE
 */
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "record.h"

int main(int argc, char **argv)
{
	struct err e = { 0 };
	int result;

	if (argc >= 6 && strcmp(argv[1], "record") == 0)
		result = record_saves(argv[2], argv[3], argv[4], argv + 5, &e);
	else if (argc == 3 && strcmp(argv[1], "check") == 0)
		result = check_deck(argv[2], &e);
	else
		result = err_say(&e, "usage: record SEQUENCE FSTYPE DEVICE STEP… | check DEVICE");
	printf(result < 0 ? "FAILED %s\n" : "DONE\n", e.text);
	return result < 0;
}
