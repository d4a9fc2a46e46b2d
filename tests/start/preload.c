/* SPDX-License-Identifier: ISC */
/*
 * A library to be loaded before libc, whose functions end the process when they are called between clone and exec:
 * by a task with another pid than the program had when it called preload_arm.
 */
#include <dlfcn.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#if defined(__x86_64__)
static long call(long number, long a, long b) {
	long result;

	__asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b) : "rcx", "r11", "memory");
	return result;
}
#elif defined(__i386__)
static long call(long number, long a, long b) {
	long result;

	__asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b) : "memory");
	return result;
}
#elif defined(__aarch64__)
static long call(long number, long a, long b) {
	register long x8 __asm__("x8") = number, x0 __asm__("x0") = a, x1 __asm__("x1") = b;

	__asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1) : "memory");
	return x0;
}
#else
#error "tests/start/meson.build has this built for the machines above alone"
#endif

static long program; /* 0: unarmed */

void preload_arm(void);

void preload_arm(void) {
	program = call(SYS_getpid, 0, 0);
}

static void check(void) {
	const long now = call(SYS_getpid, 0, 0);

	if (program && now != program)
		call(SYS_kill, now, 6 /* SIGABRT */);
}

/* Integers and pointers go through in registers, whatever the type is. */
typedef long function(long a, long b, long c, long d, long e, long f);

/* It would find a new layout at each run. */
/* clang-format off */
#define GUARDED(X) \
	X(sigaction) X(signal) X(sigprocmask) X(pthread_sigmask) X(sigemptyset) \
	X(sigfillset) X(getpid) X(getppid) X(setenv) X(putenv) X(setsid) X(setpgid) X(dup) X(dup2) X(dup3) X(close) \
	X(open) X(open64) X(openat) X(fcntl) X(fcntl64) X(ioctl) X(read) X(write) X(chdir) X(umask) X(nice) \
	X(setpriority) X(getpriority) X(setrlimit) X(setrlimit64) X(setuid) X(setgid) X(setgroups) \
	X(prctl) X(execve) X(execvp) X(execv) X(pthread_mutex_lock) X(pthread_mutex_unlock) \
	X(syscall) X(closefrom) X(close_range) X(opendir) X(readdir) X(tcsetpgrp) \
	X(sendmsg) X(recvmsg) X(raise) X(realloc) X(strerror)
/* clang-format on */

#define REAL(name) static function *real_##name;
GUARDED(REAL)

#define GUARD(name) \
	function guarded_##name __asm__(#name); \
	long guarded_##name(long a, long b, long c, long d, long e, long f) { \
		check(); \
		return real_##name(a, b, c, d, e, f); \
	}

/* What is allocated before this library was ready, by the dynamic linker. */
static char early[16384] __attribute__((aligned(16)));
static size_t early_used;
static void *(*real_malloc)(size_t), *(*real_calloc)(size_t, size_t);
static void (*real_free)(void *);

static void *allocate_early(size_t size) {
	void *const here = early + early_used;

	early_used += (size + 15) / 16 * 16;
	return early_used <= sizeof early ? here : NULL;
}

void *malloc(size_t size) {
	check();
	return real_malloc ? real_malloc(size) : allocate_early(size);
}

void *calloc(size_t count, size_t size) {
	check();
	return real_calloc ? real_calloc(count, size) : allocate_early(count * size);
}

void free(void *memory) {
	check();
	if (real_free && !((char *)memory >= early && (char *)memory < early + sizeof early))
		real_free(memory);
}

static void find(void *ret_function, const char *name) {
	void *const found = dlsym(RTLD_NEXT, name);

	memcpy(ret_function, &found, sizeof found);
}

__attribute__((constructor)) static void find_all(void) {
	find(&real_malloc, "malloc");
	find(&real_calloc, "calloc");
	find(&real_free, "free");
#define FIND(name) find(&real_##name, #name);
	GUARDED(FIND)
}

GUARDED(GUARD)
