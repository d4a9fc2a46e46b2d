/* SPDX-License-Identifier: ISC */
#include "calls.h"
#include "os.h"

#include <errno.h>

int os_nice(int increment, int *ret_niceness) {
	int64_t niceness = (int64_t)call_niceness() + increment;
	int error;

	if (niceness > 19)
		niceness = 19;
	if (niceness < -20)
		niceness = -20;
	error = call_set_niceness((int)niceness);
	if (error < 0)
		return error == -EACCES ? -EPERM : error; /* nice(2) has one errno for both */
	*ret_niceness = call_niceness();
	return 0;
}
