/* SPDX-License-Identifier: ISC */
/* Of a coverage build: a hold that ends by the command's signal writes its counters before that. */
#include <signal.h>

void __gcov_dump(void);
void __gcov_reset(void);
int __real_raise(int signal);
int __wrap_raise(int signal);

int __wrap_raise(int signal) {
	int result;

	__gcov_dump();
	result = __real_raise(signal);
	__gcov_reset(); /* it goes on: else nothing more would be written */
	return result;
}
