/*
 * faults_check: the set checker by itself: the logs of faults_push against
 * the store.
 *
 *	faults_check SEED HIGHEST LOG…
 *
 * Leaves with 0 when every promise holds.
 */
#include <stdio.h>
#include <stdlib.h>

#include "faults.h"

int main(int argc, char *argv[])
{
	struct verdict verdict;
	struct sdg_error error;
	struct sdg_home home;

	if (argc < 4)
		die("usage: faults_check SEED HIGHEST LOG…");
	if (sdg_home_find(&home, &error) < 0)
		die("%s", error.message);
	check_all(&home, fault_number(argv[1]), fault_number(argv[2]),
		  (const char *const *)argv + 3, (size_t)argc - 3, &verdict);
	verdict_print(&verdict);
	return verdict_holds(&verdict) ? 0 : 1;
}
