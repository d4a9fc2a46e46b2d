/* SPDX-License-Identifier: ISC */
/*
 * fence --tell FD --seconds N [--edge...] -- PROGRAM...: runs a program at an edge, and tells on descriptor FD how it
 * ended, and how many processes were left: "end=exit:7 left=0". What is left, and a program that does not end, is
 * killed. The edges hold for the program, not for the fence:
 *
 *	--limit NAME=SOFT:HARD   a resource limit, by its number in <sys/resource.h>
 *	--deny NUMBER=ERRNO      a system call that is refused
 *	--group DIRECTORY           a control group that the program enters
 *	--mount KIND             a mount namespace: no-proc, hidepid-N, no-pts, read-only, full (a full disk on /mnt)
 *	--user ID                an ordinary user
 */
#include "fence.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/mount.h>
#include <sys/resource.h>

enum { EDGES_MAX = 16, GRACE_US = 3000000, CANNOT = 99 };

static struct {
	int tell, seconds, user, limit_count, denied_count;
	const char *group, *mount;
	struct {
		int resource;
		struct rlimit limit;
	} limits[EDGES_MAX];
	unsigned denied[EDGES_MAX][2];
} edge = { .tell = 1, .seconds = 20, .user = -1 };

__attribute__((noreturn)) static void cannot(const char *what) {
	dprintf(edge.tell, "cannot=%s:%s\n", what, strerror(errno));
	_exit(CANNOT);
}

static void write_text(const char *path, const char *text) {
	const int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		cannot(path);
	close(fd);
}

static void fill(const char *path) {
	static char bytes[65536];
	const int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	while (fd >= 0 && write(fd, bytes, sizeof bytes) > 0)
		;
	while (fd >= 0 && write(fd, bytes, 1) > 0)
		;
	close(fd);
}

static void make_mounts(const char *kind) {
	char options[32];

	if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		cannot("mount namespace");
	if (!strcmp(kind, "no-proc")) {
		if (mount("none", "/proc", "tmpfs", 0, NULL) < 0)
			cannot(kind);
	} else if (!strncmp(kind, "hidepid-", 8)) {
		snprintf(options, sizeof options, "hidepid=%s", kind + 8);
		if (mount("proc", "/proc", "proc", 0, options) < 0)
			cannot(kind);
	} else if (!strcmp(kind, "no-pts")) {
		if (mount("none", "/dev/pts", "tmpfs", MS_RDONLY, NULL) < 0)
			cannot(kind);
	} else if (!strcmp(kind, "read-only")) {
		if (mount("/", "/mnt", NULL, MS_BIND | MS_REC, NULL) < 0 ||
		    mount(NULL, "/mnt", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) < 0 || chroot("/mnt") < 0 ||
		    chdir("/") < 0)
			cannot(kind);
	} else if (!strcmp(kind, "full")) {
		if (mount("none", "/mnt", "tmpfs", 0, "size=64k") < 0)
			cannot(kind);
		fill("/mnt/rest");
	}
}

static void deny_calls(void) {
	struct sock_filter code[2 * EDGES_MAX + 2];
	struct sock_fprog program = { 0, code };

	code[program.len++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (int i = 0; i < edge.denied_count; i++) {
		code[program.len++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, edge.denied[i][0], 0, 1);
		code[program.len++] =
			(struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | edge.denied[i][1]);
	}
	code[program.len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
		cannot("filter");
}

/* The number of processes counts from the user's first one on, so the user comes before the limits. */
static void go_to_the_edge(void) {
	char path[512];

	if (edge.group) {
		snprintf(path, sizeof path, "%s/cgroup.procs", edge.group);
		write_text(path, "0");
	}
	if (edge.mount)
		make_mounts(edge.mount);
	if (edge.user >= 0 && (setgroups(0, NULL) < 0 || setgid((gid_t)edge.user) < 0 || setuid((uid_t)edge.user) < 0))
		cannot("user");
	for (int i = 0; i < edge.limit_count; i++) {
		if (syscall(SYS_prlimit64, 0, edge.limits[i].resource, &edge.limits[i].limit, NULL) < 0)
			cannot("limit");
	}
	if (edge.denied_count)
		deny_calls();
}

static void read_limit(const char *text) {
	unsigned long soft, hard;
	int resource;

	if (edge.limit_count >= EDGES_MAX || sscanf(text, "%d=%lu:%lu", &resource, &soft, &hard) != 3)
		exit(2);
	edge.limits[edge.limit_count].resource = resource;
	edge.limits[edge.limit_count++].limit = (struct rlimit){ soft, hard };
}

static void read_denied(const char *text) {
	unsigned *denied = edge.denied[edge.denied_count];

	if (edge.denied_count >= EDGES_MAX || sscanf(text, "%u=%u", &denied[0], &denied[1]) != 2)
		exit(2);
	edge.denied_count++;
}

static char **read_options(char **argv) {
	for (argv++; *argv && strcmp(*argv, "--"); argv += 2) {
		if (!argv[1])
			exit(2);
		if (!strcmp(*argv, "--tell"))
			edge.tell = atoi(argv[1]);
		else if (!strcmp(*argv, "--seconds"))
			edge.seconds = atoi(argv[1]);
		else if (!strcmp(*argv, "--user"))
			edge.user = atoi(argv[1]);
		else if (!strcmp(*argv, "--group"))
			edge.group = argv[1];
		else if (!strcmp(*argv, "--mount"))
			edge.mount = argv[1];
		else if (!strcmp(*argv, "--limit"))
			read_limit(argv[1]);
		else if (!strcmp(*argv, "--deny"))
			read_denied(argv[1]);
		else
			exit(2);
	}
	if (!*argv || !argv[1])
		exit(2);
	return argv + 1;
}

/* false: it had to be killed. */
static bool await(pid_t pid, int *status) {
	const int64_t end = fence_now_us() + edge.seconds * INT64_C(1000000);
	siginfo_t info;

	for (;;) {
		fence_reap(pid);
		info.si_pid = 0;
		if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid)
			break;
		if (fence_now_us() >= end)
			return false;
		usleep(2000);
	}
	waitpid(pid, status, 0);
	return true;
}

int main(int argc, char **argv) {
	static struct fence_list left;
	int status = 0, count;
	bool has_ended;
	pid_t pid;

	(void)argc;
	argv = read_options(argv);
	fcntl(edge.tell, F_SETFD, FD_CLOEXEC);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	pid = fork();
	if (pid == 0) {
		go_to_the_edge();
		execv(argv[0], argv);
		cannot("exec");
	}
	has_ended = await(pid, &status);
	count = has_ended ? fence_count_left(GRACE_US, &left) : 0;
	if (!has_ended)
		dprintf(edge.tell, "end=hung left=0\n");
	else
		dprintf(edge.tell, "end=%s:%d left=%d\n", WIFEXITED(status) ? "exit" : "signal",
			WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status), count);
	fence_end_all();
	return 0;
}
