/* SPDX-License-Identifier: ISC */
/*
 * exit-with [STATUS]: ends at once with that exit status; without one it stays. No libc where the system calls are
 * written down here: thousands of it live at little cost, and a million of it end in little time.
 */
#if defined(__x86_64__)
enum { PPOLL = 271, EXIT_GROUP = 231 };

__asm__(".globl _start\n_start:\n\tmov %rsp, %rdi\n\tand $-16, %rsp\n\tcall begin\n");

static long call(long number, long a) {
	register long fourth __asm__("r10") = 0, fifth __asm__("r8") = 0;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(0L), "d"(0L), "r"(fourth), "r"(fifth)
			 : "rcx", "r11", "memory");
	return result;
}
#elif defined(__aarch64__)
enum { PPOLL = 73, EXIT_GROUP = 94 };

__asm__(".globl _start\n_start:\n\tmov x0, sp\n\tbl begin\n");

static long call(long number, long a) {
	register long x8 __asm__("x8") = number, x0 __asm__("x0") = a, x1 __asm__("x1") = 0, x2 __asm__("x2") = 0;
	register long x3 __asm__("x3") = 0, x4 __asm__("x4") = 0;

	__asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4) : "memory");
	return x0;
}
#else
#include <poll.h>
#include <stdlib.h>
#endif

static long number_of(const char *text) {
	long number = 0;

	for (; *text; text++)
		number = number * 10 + (*text - '0');
	return number;
}

#if defined(__x86_64__) || defined(__aarch64__)
void begin(const long *stack);

/* The stack at the start of a program: the number of arguments, and the addresses of each. */
void begin(const long *stack) {
	for (;;)
		call(stack[0] > 1 ? EXIT_GROUP : PPOLL, stack[0] > 1 ? number_of((const char *)stack[2]) : 0);
}
#else
int main(int argc, char **argv) {
	if (argc > 1)
		_Exit((int)number_of(argv[1]));
	for (;;)
		poll(NULL, 0, -1);
}
#endif
