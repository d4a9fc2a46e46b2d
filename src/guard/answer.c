/* SPDX-License-Identifier: ISC */
/*
 * No libc and no errno: this runs in the keeper, and in a child between clone and exec in the memory of its parent. Its
 * system calls go through the plain os_syscall, whose name in a guarded build is guard_plain_syscall.
 */
#include "guard.h"

#define os_syscall guard_plain_syscall
#include "os/calls.h"

#include <elf.h>
#include <sys/wait.h>

/* Weak: the keeper has neither. */
extern char **environ __attribute__((weak));
extern const char __ehdr_start __attribute__((weak, visibility("hidden")));

enum { EXIT_BY_GUARD = 134 }; /* a shell's status for SIGABRT */

struct line {
	char text[200];
	size_t length;
};

OS_IN_CHILD static void add(struct line *line, const char *text) {
	while (*text && line->length < sizeof line->text - 1)
		line->text[line->length++] = *text++;
}

OS_IN_CHILD static void add_number(struct line *line, long value, long base) {
	unsigned long left = value < 0 ? 0 - (unsigned long)value : (unsigned long)value;
	char digits[24];
	size_t at = sizeof digits - 1;

	digits[at] = 0;
	do
		digits[--at] = "0123456789abcdef"[left % (unsigned long)base];
	while (left /= (unsigned long)base);
	if (value < 0)
		digits[--at] = '-';
	add(line, digits + at);
}

OS_IN_CHILD static int begins_with(const char *text, const char *start) {
	while (*start && *text == *start) {
		text++;
		start++;
	}
	return !*start;
}

OS_IN_CHILD static int is_excused(const char *what) {
	for (char **entry = &environ ? environ : NULL; entry && *entry; entry++) {
		if (begins_with(*entry, "PIDHOLD_GUARD=") && begins_with(*entry + sizeof "PIDHOLD_GUARD=" - 1, what))
			return 1;
	}
	return 0;
}

/* The kernel reaps the children of a process that ignores SIGCHLD: so a wait always finds none. */
OS_IN_CHILD static int has_automatic_reaping(void) {
	union os_sigaction now = OS_SIGACTION_DEFAULT;
	const int error = (int)OS_CALL(SYS_rt_sigaction, SIGCHLD, NULL, &now, sizeof(uint64_t), 0);

	return error == 0 && (now.in.handler == OS_IGNORED || (now.words[1] & SA_NOCLDWAIT));
}

OS_IN_CHILD static const char *call_name(long number) {
	switch (number) {
	case SYS_close:
		return "close";
	case SYS_waitid:
		return "waitid";
	case SYS_wait4:
		return "wait4";
	case SYS_ppoll:
		return "ppoll";
	case SYS_sendmsg:
		return "sendmsg";
	case SYS_recvmsg:
		return "recvmsg";
	case SYS_epoll_ctl:
		return "epoll_ctl";
	case SYS_epoll_pwait:
		return "epoll_pwait";
	case CALL_PIDFD_SEND_SIGNAL:
		return "pidfd_send_signal";
	default:
		return NULL;
	}
}

OS_IN_CHILD static void write_line(const struct line *line) {
	static const char path[] = GUARD_LOG;
	const int log = (int)OS_CALL(SYS_openat, AT_FDCWD, path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666, 0);

	OS_CALL(SYS_write, 2, line->text, line->length, 0, 0);
	if (log < 0)
		return;
	OS_CALL(SYS_write, log, line->text, line->length, 0, 0);
	OS_CALL(SYS_close, log, 0, 0, 0, 0);
}

/* SIGABRT may be blocked, as in the starter, or handled; init of a PID namespace does not die of its own SIGABRT. */
OS_IN_CHILD static void end(void) {
	const uint64_t bit = UINT64_C(1) << (SIGABRT - 1);
	union os_sigaction none = OS_SIGACTION_DEFAULT;

	call_sigaction(SIGABRT, &none, NULL);
	call_sigprocmask(SIG_UNBLOCK, &bit, NULL);
	OS_CALL(SYS_tgkill, call_getpid(), call_gettid(), SIGABRT, 0, 0);
	call_exit(EXIT_BY_GUARD);
}

enum { WAIT_PIDFD = 3 }; /* P_PIDFD */

/* Two waits only ask: "is there any child at all?", and, through a descriptor, "is it a child of mine?" */
OS_IN_CHILD static int is_question(long number, long type, long options) {
	if (number == SYS_wait4)
		return (int)type == -1;
	return number == SYS_waitid && (type == P_ALL || (type == WAIT_PIDFD && options & WNOHANG));
}

OS_IN_CHILD static int is_expected(long number, long a, long options, long answer) {
	/* A number below 0 is no descriptor, and means "none" to both calls. */
	if (answer == -EBADF && (int)a < 0 && (number == SYS_close || number == CALL_PIDFD_SEND_SIGNAL))
		return 1;
	if (answer == -EBADF)
		return is_excused("descriptor");
	return is_question(number, a, options) || is_excused("child") || has_automatic_reaping();
}

OS_IN_CHILD void guard_answer(long number, long a, long b, long options, long answer, const void *return_address) {
	struct line line = { .length = 0 };

	if ((answer != -EBADF && answer != -ECHILD) || !call_name(number) || is_expected(number, a, options, answer))
		return;
	add(&line, "pidhold guard: ");
	add(&line, call_name(number));
	add(&line, "(");
	add_number(&line, a, 10);
	add(&line, ", ");
	add_number(&line, b, 10);
	add(&line, answer == -EBADF ? "): EBADF in process " : "): ECHILD in process ");
	add_number(&line, call_getpid(), 10);
	add(&line, " at 0x");
	add_number(&line, (const char *)return_address - (&__ehdr_start ? &__ehdr_start : NULL), 16);
	add(&line, "\n");
	write_line(&line);
	end();
}
