/* SPDX-License-Identifier: ISC */
/* One run of the command, attacked once. */
#include "storm.h"
#include "../edges/fence.h"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

enum {
	BOUND_US = 1500000,      /* the limit, the ladder and a second */
	LONG_BOUND_US = 4100000, /* for a command that exits: a busy machine must not make the limit strike */
	WATCHDOG = 10,           /* times the bound */
	GRACE_US = 5000000,
	SHORT_GRACE_US = 700000, /* where nobody is there any more to end what is left */
	NOBODY = 65534
};

static int open_process(pid_t pid, pid_t parent) {
	const int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	pid_t now = 0;

	if (fd >= 0 && (!fence_stat(pid, &now, NULL) || now != parent)) {
		close(fd);
		return -1;
	}
	return fd;
}

/* The keeper is known by its place: before it executes its program it bears the front's name. */
int find_role(pid_t front, enum role role, const char *member) {
	static struct fence_list list;
	char name[20];
	pid_t parent;
	bool is_member;

	if (role == FRONT)
		return (int)syscall(SYS_pidfd_open, front, 0);
	list.count = 0;
	fence_add_children(front, &list);
	for (int i = 0; i < list.count; i++) {
		if (!fence_stat(list.pids[i], &parent, name))
			continue;
		is_member = !strncmp(name, member, 15);
		if ((role == COMMAND) == is_member)
			return open_process(list.pids[i], front);
		if (!is_member) {
			const int before = list.count;

			fence_add_children(list.pids[i], &list);
			if (list.count > before)
				return open_process(list.pids[before], list.pids[i]);
		}
	}
	return -1;
}

static void send_to(const int *fds, int signal) {
	for (int role = 0; role < ROLES; role++) {
		if (fds[role] >= 0)
			syscall(SYS_pidfd_send_signal, fds[role], signal, NULL, 0);
	}
}

static void attack(struct run *run, pid_t front, const char *member) {
	int killed[ROLES], stopped[ROLES], paused[ROLES];

	for (int role = 0; role < ROLES; role++) {
		const enum act act = run->attack->acts[role];
		const int fd = act == SPARED ? -1 : find_role(front, (enum role)role, member);

		run->was_met[role] = fd >= 0;
		killed[role] = act == KILLED ? fd : -1;
		stopped[role] = act == STOPPED || act == PAUSED ? fd : -1;
		paused[role] = act == PAUSED ? fd : -1;
	}
	send_to(stopped, SIGSTOP);
	send_to(killed, SIGKILL);
	for (int role = 0; role < ROLES; role++) {
		if (paused[role] >= 0) {
			usleep((useconds_t)run->pause_us);
			break;
		}
	}
	send_to(paused, SIGCONT);
	for (int role = 0; role < ROLES; role++) {
		if (killed[role] >= 0)
			close(killed[role]);
		if (stopped[role] >= 0)
			close(stopped[role]);
	}
}

struct streams {
	int out, err, terminal, side;
};

static void open_streams(struct run *run, struct streams *ours, int *ret_out, int *ret_err) {
	int out[2], err[2];
	char path[64];

	ours->terminal = ours->side = -1;
	if (pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0)
		exit(2);
	if (run->has_terminal) {
		ours->terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
		if (unlockpt(ours->terminal) < 0 || ptsname_r(ours->terminal, path, sizeof path) != 0)
			exit(2);
		ours->side = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
		fchmod(ours->side, 0666);
		tcgetattr(ours->side, &run->before);
	}
	ours->out = out[0];
	ours->err = err[0];
	*ret_out = out[1];
	*ret_err = err[1];
}

static void execute(const struct run *run, const struct streams *ours, int out, int err) {
	const char *argv[24] = { storm->hold, "run",
				 "--contain", ways[run->way],
				 "--ladder",  "TERM,100ms,KILL",
				 "--timeout", run->stays ? "400ms" : "3s" };
	int count = 8;

	if (run->has_terminal)
		argv[count++] = "-t";
	argv[count++] = "--";
	argv[count++] = storm->member;
	argv[count++] = "tree";
	argv[count++] = "8";
	argv[count++] = run->stays ? "-1" : "7";
	setsid();
	if (run->has_terminal && ioctl(ours->side, TIOCSCTTY, 0) < 0)
		_exit(99);
	dup2(run->has_terminal ? ours->side : open("/dev/null", O_RDONLY | O_CLOEXEC), 0);
	dup2(run->has_terminal ? ours->side : out, 1);
	dup2(err, 2);
	if (run->is_user && (setgroups(0, NULL) < 0 || setgid(NOBODY) < 0 || setuid(NOBODY) < 0))
		_exit(99);
	execv(storm->hold, (char **)(uintptr_t)argv);
	_exit(99);
}

static bool await(pid_t front, int64_t bound, int *status) {
	const int64_t end = fence_now_us() + bound * WATCHDOG;

	while (waitpid(front, status, WNOHANG) == 0) {
		if (fence_now_us() >= end)
			return false;
		fence_reap(front);
		usleep(1000);
	}
	return true;
}

/* What is there now. */
static size_t take(int fd, char *text, size_t size) {
	size_t length = 0;
	ssize_t n = 1;

	while (n > 0 && length < size - 1 && poll(&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, 0) == 1) {
		n = read(fd, text + length, size - 1 - length);
		length += n > 0 ? (size_t)n : 0;
	}
	text[length] = 0;
	return length;
}

static int count_ran(const char *text) {
	int count = 0;

	while ((text = strstr(text, "ran"))) {
		text += 3;
		count++;
	}
	return count;
}

void run_once(struct run *run) {
	char member[64], out[4096];
	struct fence_list *left = malloc(sizeof *left);
	struct streams ours;
	int their_out, their_err, status = 0;
	const enum act *acts = run->attack->acts;
	const bool alone = (acts[FRONT] == KILLED && acts[KEEPER] == KILLED) || !strcmp(ways[run->way], "none");
	pid_t front;

	snprintf(member, sizeof member, "%s", strrchr(storm->member, '/') + 1);
	open_streams(run, &ours, &their_out, &their_err);
	front = fork();
	if (front == 0)
		execute(run, &ours, their_out, their_err);
	close(their_out);
	close(their_err);
	usleep((useconds_t)run->delay_us);
	attack(run, front, member);
	run->has_ended = await(front, run->stays ? BOUND_US : LONG_BOUND_US, &status);
	run->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	run->status = WIFEXITED(status) ? WEXITSTATUS(status) : STATUS_LOST;
	run->left = run->has_ended && left ? fence_count_left(alone ? SHORT_GRACE_US : GRACE_US, left) : 0;
	free(left);
	if (run->has_terminal)
		tcgetattr(ours.side, &run->after);
	take(ours.err, run->errors, sizeof run->errors);
	take(run->has_terminal ? ours.terminal : ours.out, out, sizeof out);
	run->ran = count_ran(out);
	judge(run);
	fence_end_all();
	for (int i = 0; i < 4; i++) {
		const int fd = ((int[]){ ours.out, ours.err, ours.terminal, ours.side })[i];

		if (fd >= 0)
			close(fd);
	}
}
