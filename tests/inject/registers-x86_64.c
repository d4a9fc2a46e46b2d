/* SPDX-License-Identifier: ISC */
/* How a stopped process's system call is replaced, on x86_64. */
#include "inject.h"

#include <errno.h>
#include <stddef.h>
#include <sys/ptrace.h>
#include <sys/user.h>

static int set(pid_t pid, size_t offset, long value) {
	return ptrace(PTRACE_POKEUSER, pid, (void *)offset, (void *)value) < 0 ? -errno : 0;
}

int registers_set_call(pid_t pid, long number) {
	return set(pid, offsetof(struct user_regs_struct, orig_rax), number);
}

int registers_set_result(pid_t pid, long result) {
	return set(pid, offsetof(struct user_regs_struct, rax), result);
}

int registers_set_size(pid_t pid, long size) {
	return set(pid, offsetof(struct user_regs_struct, rdx), size);
}
