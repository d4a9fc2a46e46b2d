/* SPDX-License-Identifier: ISC */
/*
 * Of a coverage build: a hold that ends by the command's signal writes its counters before that. tests/inject leaves
 * the calls alone that libgcov makes for it: one that fails would spoil what others have written.
 */
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

void __gcov_dump(void);
void __gcov_reset(void);
int __real_raise(int signal);
int __wrap_raise(int signal);

/* Before libgcov's own, whose priority is 100. */
__attribute__((destructor)) static void tell_inject(void) {
	syscall(SYS_membarrier, -1, 0, 0);
}

int __wrap_raise(int signal) {
	int result;

	tell_inject();
	__gcov_dump();
	result = __real_raise(signal);
	__gcov_reset(); /* it goes on: else nothing more would be written */
	return result;
}
