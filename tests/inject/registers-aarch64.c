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

int registers_set_result(pid_t pid, long result) {
	struct user_regs_struct registers;
	struct iovec part = { &registers, sizeof registers };

	if (ptrace(PTRACE_GETREGSET, pid, (void *)NT_PRSTATUS, &part) < 0)
		return -errno;
	registers.regs[0] = (unsigned long long)result;
	return ptrace(PTRACE_SETREGSET, pid, (void *)NT_PRSTATUS, &part) < 0 ? -errno : 0;
}
