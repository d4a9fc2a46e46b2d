/* SPDX-License-Identifier: ISC */
/*
 * hold_kill on Windows, by itself: a TAP of its own, since tests/check.h forks. The program starts itself as victim.
 * What wine does not deliver (CTRL_BREAK to a group of its own) is said, not passed over.
 */
#include <pidhold.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <windows.h>

static int number, failed;
static int told;
static int64_t told_pid, told_signal;

static void result(int passed, const char *sentence) {
	printf("%s %d - %s\n", passed ? "ok" : "not ok", ++number, sentence);
	failed += !passed;
}

static int note(void *context, const struct hold_event *event) {
	(void)context;
	told++;
	told_pid = event->numbers[0];
	told_signal = event->numbers[1];
	return strcmp(event->name, "os.kill") ? 0 : told_signal == 99 ? -EPERM : 0;
}

static PROCESS_INFORMATION start_victim(DWORD flags) {
	STARTUPINFOA startup = { .cb = sizeof startup };
	PROCESS_INFORMATION process = { 0 };
	char path[MAX_PATH + 16];

	GetModuleFileNameA(NULL, path, MAX_PATH);
	strcat(path, " victim");
	if (!CreateProcessA(NULL, path, NULL, NULL, FALSE, flags, NULL, NULL, &startup, &process))
		printf("# CreateProcess: %lu\n", GetLastError());
	return process;
}

static DWORD end_of(PROCESS_INFORMATION *process, DWORD ms) {
	DWORD code = 0;

	WaitForSingleObject(process->hProcess, ms);
	GetExitCodeProcess(process->hProcess, &code);
	return code;
}

static volatile LONG interrupts;

static BOOL WINAPI on_event(DWORD event) {
	if (event == CTRL_C_EVENT)
		InterlockedIncrement(&interrupts);
	return event == CTRL_C_EVENT;
}

/* To all on this console, so to us; wine has one if it runs on a terminal. */
static void send_ctrl_c(void) {
	SetConsoleCtrlHandler(on_event, TRUE);
	if (hold_kill(0, HOLD_CTRL_C_EVENT) != 0) {
		printf("# SKIP no console\nok %d - CTRL_C # SKIP see above\n", ++number);
		return;
	}
	for (int i = 0; i < 100 && !interrupts; i++)
		Sleep(50);
	result(interrupts == 1, "CTRL_C to group 0 reaches whoever is on this console, once");
}

int main(int argc, char **argv) {
	PROCESS_INFORMATION victim;

	if (argc > 1 && strcmp(argv[1], "victim") == 0) {
		Sleep(20000);
		return 3;
	}
	hold_audit_add(note, NULL);
	victim = start_victim(0);
	result(hold_kill((int64_t)victim.dwProcessId, 42) == 0 && end_of(&victim, 5000) == 42,
	       "a value that is no event ends the process with that exit code");
	result(told == 1 && told_pid == (int64_t)victim.dwProcessId && told_signal == 42,
	       "os.kill is told with pid and signal");
	victim = start_victim(0);
	result(hold_kill((int64_t)victim.dwProcessId, 99) == -EPERM && end_of(&victim, 200) == STILL_ACTIVE,
	       "a hook forbids it");
	TerminateProcess(victim.hProcess, 1);
	result(hold_kill(0x7ffffff0, 15) == -EINVAL, "no such process is -EINVAL");
	result(hold_kill(INT64_C(1) << 40, 15) == -EINVAL && hold_kill(4, INT64_C(1) << 40) == -EINVAL,
	       "numbers that do not fit are refused");
	victim = start_victim(CREATE_NEW_PROCESS_GROUP);
	if (hold_kill((int64_t)victim.dwProcessId, HOLD_CTRL_BREAK_EVENT) == 0)
		result(end_of(&victim, 5000) == 0xC000013A, "CTRL_BREAK ends a process group of its own");
	else
		printf("# SKIP console events are not delivered here\nok %d - CTRL_BREAK # SKIP see above\n", ++number);
	TerminateProcess(victim.hProcess, 1);
	send_ctrl_c();
	printf("1..%d\n", number);
	return failed != 0;
}
