/* SPDX-License-Identifier: ISC */
/*
 * kill as Python's os module has it on Windows: 0 and 1 are console control events for a process group (0: all on this
 * console, the caller too), so there is no signal that only tests; any other value ends the process with that value
 * as its exit code.
 */
#include "os.h"

#include <errno.h>
#include <windows.h>

static int error_of(DWORD error) {
	switch (error) {
	case ERROR_INVALID_PARAMETER: /* no such process, or group */
		return -EINVAL;
	case ERROR_ACCESS_DENIED: /* or it is ending already */
		return -EACCES;
	case ERROR_INVALID_HANDLE: /* no console */
		return -EBADF;
	case ERROR_NOT_ENOUGH_MEMORY:
		return -ENOMEM;
	default:
		return -EIO;
	}
}

static int terminate(DWORD pid, UINT exit_code) {
	/* No more than is needed: a caller that may end a process need not have other rights to it. */
	HANDLE process = OpenProcess(PROCESS_TERMINATE, FALSE, pid);
	int result;

	if (!process)
		return error_of(GetLastError());
	result = TerminateProcess(process, exit_code) ? 0 : error_of(GetLastError());
	CloseHandle(process);
	return result;
}

int os_kill(int pid, int signal) {
	if (signal != CTRL_C_EVENT && signal != CTRL_BREAK_EVENT)
		return terminate((DWORD)pid, (UINT)signal);
	return GenerateConsoleCtrlEvent((DWORD)signal, (DWORD)pid) ? 0 : error_of(GetLastError());
}
