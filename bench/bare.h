/* SPDX-License-Identifier: ISC */
/* For programs without libc, so that their start is measured and not the work of libc in them. */
#ifndef BENCH_BARE_H
#define BENCH_BARE_H

#if defined(__x86_64__)
enum { CALL_READ = 0, CALL_WRITE = 1, CALL_CLOCK_GETTIME = 228, CALL_EXIT_GROUP = 231, CALL_PPOLL = 271 };

static inline long bare_call(long number, long a, long b, long c) {
	long result;
	register long d __asm__("r10") = 0, e __asm__("r8") = 0;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(d), "r"(e)
			 : "rcx", "r11", "memory");
	return result;
}
#elif defined(__aarch64__)
enum { CALL_READ = 63, CALL_WRITE = 64, CALL_CLOCK_GETTIME = 113, CALL_EXIT_GROUP = 94, CALL_PPOLL = 73 };

static inline long bare_call(long number, long a, long b, long c) {
	register long x8 __asm__("x8") = number, x0 __asm__("x0") = a, x1 __asm__("x1") = b, x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = 0, x4 __asm__("x4") = 0;

	__asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4) : "memory");
	return x0;
}
#else
#error "the system calls of this architecture are not written down here"
#endif

__attribute__((noreturn)) void _start(void);

__attribute__((noreturn)) static inline void bare_exit(void) {
	for (;;)
		bare_call(CALL_EXIT_GROUP, 0, 0, 0);
}

#endif
