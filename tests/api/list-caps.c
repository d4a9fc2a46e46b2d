/* SPDX-License-Identifier: ISC */
/* list-caps: what hold_caps says, a capability a line: name, kept, error, mechanism. */
#include "errno-name.h"

#include <pidhold.h>

int main(void) {
	struct hold_cap cap = { .size = sizeof cap };

	for (size_t i = 0; hold_caps(i, &cap) == 0; i++)
		printf("%s %d %s %s\n", cap.name, (int)cap.supported, errno_name(-cap.error), cap.mechanism);
	return 0;
}
