/* SPDX-License-Identifier: ISC */
/*
 * without ERRNO RULE... -- COMMAND...: executes COMMAND under a seccomp filter that refuses system calls with ERRNO
 * (ENOSYS, EPERM, EAGAIN, ...). A RULE is a call's name; or NAME:N=VALUE, the call if its argument N, counted from
 * 0, has this value; or NAME:N&BITS, the call if its argument N has any of these bits. Of arguments the lower 32 bits
 * count. Exit status 125: no filter can be had here.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MAX_RULES = 16, UNAVAILABLE = 125 };

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define LOWER_HALF 4
#else
#define LOWER_HALF 0
#endif

static const struct {
	const char *name;
	unsigned number;
} calls[] = {
	{ "clone", SYS_clone },
	{ "clone3", 435 },
	{ "close_range", 436 },
	{ "socketpair", SYS_socketpair },
	{ "execveat", SYS_execveat },
	{ "faccessat", SYS_faccessat },
	{ "fstatfs", SYS_fstatfs },
	{ "ioctl", SYS_ioctl },
	{ "madvise", SYS_madvise },
	{ "memfd_create", SYS_memfd_create },
	{ "mkdirat", SYS_mkdirat },
	{ "mount", SYS_mount },
	{ "pidfd_getfd", 438 },
	{ "pidfd_open", 434 },
	{ "pidfd_send_signal", 424 },
#ifdef SYS_poll
	{ "poll", SYS_poll },
#endif
	{ "ppoll", SYS_ppoll },
	{ "prctl", SYS_prctl },
	{ "sendmsg", SYS_sendmsg },
	{ "timer_create", SYS_timer_create },
	{ "unshare", SYS_unshare },
	{ "wait4", SYS_wait4 },
	{ "waitid", SYS_waitid },
}, errors[] = {
	{ "EACCES", EACCES },
	{ "EAGAIN", EAGAIN },
	{ "EINVAL", EINVAL },
	{ "ENOSYS", ENOSYS },
	{ "ENOTTY", ENOTTY },
	{ "EPERM", EPERM },
};

#define LENGTH(array) (sizeof(array) / sizeof *(array))

__attribute__((noreturn)) static void misused(const char *word) {
	fprintf(stderr, "without: %s?\n", word);
	exit(2);
}

static unsigned number_of_call(const char *name, size_t length) {
	for (size_t i = 0; i < LENGTH(calls); i++) {
		if (strlen(calls[i].name) == length && !strncmp(calls[i].name, name, length))
			return calls[i].number;
	}
	misused(name);
}

static unsigned number_of_error(const char *name) {
	for (size_t i = 0; i < LENGTH(errors); i++) {
		if (!strcmp(errors[i].name, name))
			return errors[i].number;
	}
	misused(name);
}

/* A rule is "number matches, then argument matches, then refuse", each a jump to behind itself if it does not. */
static size_t add_rule(struct sock_filter *filter, const char *rule, unsigned error) {
	const size_t length = strcspn(rule, ":");
	const struct sock_filter refuse = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error);
	const unsigned call = number_of_call(rule, length);
	size_t count = 0;

	filter[count++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	if (rule[length]) {
		const unsigned argument = (unsigned)atoi(rule + length + 1) * 8 + LOWER_HALF;
		const char *how = rule + length + 2;
		const unsigned value = (unsigned)strtoul(how + 1, NULL, 0);

		if (*how != '=' && *how != '&')
			misused(rule);
		filter[count++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 3);
		filter[count++] = (struct sock_filter)BPF_STMT(
			BPF_LD | BPF_W | BPF_ABS, (unsigned)offsetof(struct seccomp_data, args) + argument);
		filter[count++] = (struct sock_filter)BPF_JUMP(
			(unsigned short)(BPF_JMP | (*how == '=' ? BPF_JEQ : BPF_JSET) | BPF_K), value, 0, 1);
	} else {
		filter[count++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1);
	}
	filter[count++] = refuse;
	return count;
}

int main(int argc, char **argv) {
	struct sock_filter filter[MAX_RULES * 5 + 1];
	struct sock_fprog program = { .len = 0, .filter = filter };
	size_t count = 0;
	unsigned error;
	int i;

	if (argc < 5)
		misused("without ERRNO RULE... -- COMMAND...");
	error = number_of_error(argv[1]);
	for (i = 2; i < argc && i < MAX_RULES && strcmp(argv[i], "--"); i++)
		count += add_rule(filter + count, argv[i], error);
	if (i + 1 >= argc || strcmp(argv[i], "--"))
		misused("--");
	filter[count++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	program.len = (unsigned short)count;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		return UNAVAILABLE;
	execv(argv[i + 1], argv + i + 1);
	perror(argv[i + 1]);
	return 2;
}
