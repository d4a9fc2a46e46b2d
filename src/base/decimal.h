/* SPDX-License-Identifier: ISC */
/* Numbers as text. Usable between clone and exec, and without libc. */
#ifndef BASE_DECIMAL_H
#define BASE_DECIMAL_H

#include "in-child.h"

#include <stdint.h>

enum { DECIMAL_SIZE = 24 }; /* room for any, with its NUL */

/* Returns a pointer to the final NUL. */
OS_INLINE char *decimal_write(char *to, uint64_t number) {
	char digits[DECIMAL_SIZE];
	int count = 0;

	do
		digits[count++] = (char)('0' + number % 10);
	while (number /= 10);
	while (count > 0)
		*to++ = digits[--count];
	*to = 0;
	return to;
}

#endif
