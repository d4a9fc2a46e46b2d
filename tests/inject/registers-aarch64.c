/* SPDX-License-Identifier: ISC */
/* How a stopped process's system call is replaced, on aarch64. */
#include "inject.h"

#include <elf.h>
#include <errno.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>

int registers_set_call(pid_t pid, long number) {
	int value = (int)number;
	struct iovec part = { &value, sizeof value };

	return ptrace(PTRACE_SETREGSET, pid, (void *)NT_ARM_SYSTEM_CALL, &part) < 0 ? -errno : 0;
}

static int set(pid_t pid, int number, long value) {
	struct user_regs_struct registers;
	struct iovec part = { &registers, sizeof registers };

	if (ptrace(PTRACE_GETREGSET, pid, (void *)NT_PRSTATUS, &part) < 0)
		return -errno;
	registers.regs[number] = (unsigned long long)value;
	return ptrace(PTRACE_SETREGSET, pid, (void *)NT_PRSTATUS, &part) < 0 ? -errno : 0;
}

int registers_set_result(pid_t pid, long result) {
	return set(pid, 0, result);
}

int registers_set_size(pid_t pid, long size) {
	return set(pid, 2, size);
}
