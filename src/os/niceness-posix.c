/* SPDX-License-Identifier: ISC */
#include "calls.h"
#include "os.h"

int os_nice(int increment, int *ret_niceness) {
	int error = call_set_niceness(0, niceness_with(call_niceness(0), increment));

	if (error < 0)
		return error;
	*ret_niceness = call_niceness(0);
	return 0;
}
