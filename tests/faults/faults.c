/* SPDX-License-Identifier: ISC */
#include "faults.h"

#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

struct fault_state *faults;
unsigned long fault_dropped;

static _Atomic long live_blocks;

__attribute__((constructor)) static void share(void) {
	void *memory = mmap(NULL, sizeof *faults, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		abort();
	faults = memory;
}

void fault_arm(fault_filter *filter) {
	faults->filter = filter;
	faults->parent = getpid();
	faults->count[0] = faults->count[1] = 0;
	faults->reached = false;
	faults->armed = true;
}

void fault_disarm(void) {
	faults->armed = false;
}

OS_IN_CHILD long fault_nth(const struct fault_call *call, enum fault_side side, int index) {
	(void)call;
	if (side != faults->side || index != faults->index)
		return 0;
	faults->reached = true;
	return faults->error;
}

/* ---- what is written down ---- */

OS_INLINE void write_path(struct fault_call *call, const char *path) {
	volatile char *to = call->path; /* no loop here becomes a call of libc */
	size_t i = 0;

	for (; path && path[i] && i < sizeof call->path - 1; i++)
		to[i] = path[i];
	to[i] = 0;
}

OS_INLINE const char *path_of(long number, long a, long b) {
	if (number == SYS_openat)
		return (const char *)b;
	return number == FAULT_STAT || number == FAULT_FACCESSAT ? (const char *)a : NULL;
}

/* Writes the call down: where, and in *ret_answer what the filter says. NULL: nothing is armed. */
OS_INLINE struct fault_call *begin(long number, long a, long b, long c, long *ret_answer) {
	enum fault_side side;
	struct fault_call *call;
	int index;

	*ret_answer = 0;
	if (!faults || !faults->armed)
		return NULL;
	side = __real_os_syscall(SYS_getpid, 0, 0, 0, 0, 0, 0) == faults->parent ? FAULT_IN_PARENT : FAULT_IN_CHILD;
	index = faults->count[side]++;
	call = &faults->calls[side][index < FAULT_CALLS ? index : FAULT_CALLS - 1];
	call->number = number;
	call->a = a;
	call->b = b;
	call->c = c;
	call->result = 0;
	write_path(call, path_of(number, a, b));
	if (faults->filter)
		*ret_answer = faults->filter(call, side, index);
	return call;
}

OS_INLINE void end(struct fault_call *call, long result) {
	if (!call)
		return;
	call->result = result;
	if (call->number == SYS_pipe2 && result == 0) {
		call->ends[0] = ((const int *)call->a)[0];
		call->ends[1] = ((const int *)call->a)[1];
	}
}

/* ---- system calls ---- */

long __wrap_os_syscall(long number, long a, long b, long c, long d, long e, long f);

OS_IN_CHILD long __wrap_os_syscall(long number, long a, long b, long c, long d, long e, long f) {
	long answer, result;
	struct fault_call *call = begin(number, a, b, c, &answer);

	/* A close that fails has closed all the same. */
	result = answer && number != SYS_close ? answer : __real_os_syscall(number, a, b, c, d, e, f);
	if (answer)
		result = answer == FAULT_NOTHING ? 0 : answer;
	end(call, result);
	return result;
}

_Static_assert(FAULT_UNSHARED == (CLONE_VM | CLONE_VFORK), "the kernel's flags");

long __real_os_clone3(struct os_clone_args *args, size_t size, void (*run)(void *), void *argument);
long __wrap_os_clone3(struct os_clone_args *args, size_t size, void (*run)(void *), void *argument);

long __wrap_os_clone3(struct os_clone_args *args, size_t size, void (*run)(void *), void *argument) {
	struct os_clone_args other = *args;
	long answer, result;
	struct fault_call *call = begin(FAULT_CLONE3, (long)args->flags, 0, 0, &answer);

	other.flags &= ~(uint64_t)fault_dropped;
	result = answer ? answer : __real_os_clone3(&other, size, run, argument);
	end(call, result);
	return result;
}

long __real_os_clone(unsigned long flags, void *stack_top, int *pidfd, void (*run)(void *), void *argument);
long __wrap_os_clone(unsigned long flags, void *stack_top, int *pidfd, void (*run)(void *), void *argument);

long __wrap_os_clone(unsigned long flags, void *stack_top, int *pidfd, void (*run)(void *), void *argument) {
	long answer, result;
	struct fault_call *call = begin(FAULT_CLONE, (long)flags, 0, 0, &answer);

	result = answer ? answer : __real_os_clone(flags & ~fault_dropped, stack_top, pidfd, run, argument);
	end(call, result);
	return result;
}

/* ---- libc: never called in the child of a clone ---- */

/* false: the filter said no, and errno is set. */
static bool is_let(long number, long a, struct fault_call **ret) {
	long answer;

	*ret = begin(number, a, 0, 0, &answer);
	if (answer == 0)
		return true;
	end(*ret, answer);
	errno = (int)-answer;
	return false;
}

#define WRAP(type, name, parameters, arguments, number, what, failure) \
	type __real_##name parameters; \
	type __wrap_##name parameters; \
	type __wrap_##name parameters { \
		struct fault_call *call; \
\
		return is_let(number, (long)(what), &call) ? __real_##name arguments : (failure); \
	}

WRAP(void *, mmap, (void *address, size_t size, int protection, int flags, int fd, off_t offset),
     (address, size, protection, flags, fd, offset), FAULT_MMAP, size, MAP_FAILED)
WRAP(void *, mmap64, (void *address, size_t size, int protection, int flags, int fd, off_t offset),
     (address, size, protection, flags, fd, offset), FAULT_MMAP, size, MAP_FAILED)
WRAP(int, madvise, (void *address, size_t size, int advice), (address, size, advice), FAULT_MADVISE, advice, -1)
WRAP(int, stat, (const char *path, struct stat *file), (path, file), FAULT_STAT, path, -1)
WRAP(int, stat64, (const char *path, struct stat *file), (path, file), FAULT_STAT, path, -1)
WRAP(int, faccessat, (int directory, const char *path, int mode, int flags), (directory, path, mode, flags),
     FAULT_FACCESSAT, path, -1)
WRAP(int, tcsetattr, (int fd, int when, const struct termios *modes), (fd, when, modes), FAULT_TCSETATTR, fd, -1)
WRAP(pid_t, fork, (void), (), FAULT_FORK, 0, -1)

/* ---- memory ---- */

long fault_live_blocks(void) {
	return live_blocks;
}

static void *counted(void *block) {
	if (block)
		live_blocks++;
	return block;
}

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void *__wrap_realloc(void *block, size_t size);
void __real_free(void *block);
void __wrap_free(void *block);

void *__wrap_malloc(size_t size) {
	struct fault_call *call;

	return is_let(FAULT_ALLOCATE, (long)size, &call) ? counted(__real_malloc(size)) : NULL;
}

void *__wrap_calloc(size_t count, size_t size) {
	struct fault_call *call;

	return is_let(FAULT_ALLOCATE, (long)(count * size), &call) ? counted(__real_calloc(count, size)) : NULL;
}

/* Of a block that was there before the number stays the same. */
void *__wrap_realloc(void *block, size_t size) {
	struct fault_call *call;
	void *grown = is_let(FAULT_ALLOCATE, (long)size, &call) ? __real_realloc(block, size) : NULL;

	return block ? grown : counted(grown);
}

void __wrap_free(void *block) {
	if (block)
		live_blocks--;
	__real_free(block);
}
