/* SPDX-License-Identifier: ISC */
/* Holds: adopted, signalled, waited for, stopped, released; and in a forked child none of it. */
#include "children.h"

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>

#define NOBODY INT_MAX /* a pid that no process has */

static const struct hold_rung only_term[] = { { SIGTERM, 0, 20000 } };

static void need_pidfds(void) {
	int pidfd = hold_pidfd_open(getpid(), 0);

	if (pidfd < 0)
		SKIP("no process descriptors on this system");
	close(pidfd);
}

/* ---- strangers: processes that are no children of this one ---- */

/* A child of ours, `parent`, has a child, `pid`, that exits with 7 when told; it is reaped when told. */
struct stranger {
	int pid, parent;
	int end, reap; /* to write to */
};

static void make_stranger(struct stranger *stranger) {
	int end[2], reap[2], told[2];
	char byte;

	CHECK_EQ(pipe(end), 0);
	CHECK_EQ(pipe(reap), 0);
	CHECK_EQ(pipe(told), 0);
	stranger->parent = fork();
	if (stranger->parent == 0) {
		int pid;

		alarm(CHECK_SECONDS);
		close(end[1]);
		close(reap[1]);
		pid = fork();
		if (pid == 0)
			_exit(read(end[0], &byte, 1) < 0 ? 1 : 7);
		if (write(told[1], &pid, sizeof pid) != (ssize_t)sizeof pid || read(reap[0], &byte, 1) < 0)
			_exit(1);
		_exit(waitpid(pid, NULL, 0) == pid ? 0 : 2);
	}
	CHECK(stranger->parent > 0);
	CHECK_EQ(read(told[0], &stranger->pid, sizeof stranger->pid), sizeof stranger->pid);
	close(end[0]);
	close(reap[0]);
	close(told[0]);
	close(told[1]);
	stranger->end = end[1];
	stranger->reap = reap[1];
}

static void tell(int *fd) {
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* Has it reaped, and waits until that is done. */
static void finish_stranger(struct stranger *stranger) {
	int status;

	tell(&stranger->end);
	tell(&stranger->reap);
	CHECK_EQ(waitpid(stranger->parent, &status, 0), stranger->parent);
	CHECK_EQ(status, 0);
}

static void await_end(const struct hold *h) {
	struct pollfd fd = { .fd = hold_fd(h), .events = POLLIN };

	CHECK_EQ(poll(&fd, 1, -1), 1);
	CHECK_EQ(fd.revents & POLLIN, POLLIN);
}

TEST("hold_adopt holds a process that is nobody's child here, and learns how it ended once it was reaped") {
	struct hold_status status = { .size = sizeof status };
	struct stranger stranger;
	struct hold *h;

	need_pidfds();
	make_stranger(&stranger);
	CHECK_EQ(hold_adopt(&h, stranger.pid), 0);
	CHECK_EQ(hold_pid(h), stranger.pid);
	CHECK(hold_fd(h) > 2);
	CHECK_EQ(fcntl(hold_fd(h), F_GETFD), FD_CLOEXEC);
	CHECK_EQ(poll(&(struct pollfd){ .fd = hold_fd(h), .events = POLLIN }, 1, 0), 0);
	CHECK_EQ(hold_wait(h, HOLD_NOW, NULL), HOLD_PENDING);
	CHECK_EQ(hold_signal(h, 0), 0);
	tell(&stranger.end);
	await_end(h);
	if (keeps("status"))
		CHECK_EQ(hold_wait(h, HOLD_NOW, &status), HOLD_PENDING);
	CHECK_EQ(hold_signal(h, SIGTERM), 0); /* a zombie */
	finish_stranger(&stranger);
	CHECK_EQ(hold_wait(h, HOLD_FOREVER, &status), 0);
	CHECK_EQ(status.how, keeps("status") ? HOLD_HOW_EXITED : HOLD_HOW_UNKNOWN);
	CHECK_EQ(status.code, keeps("status") ? 7 : -1);
	CHECK_EQ(status.wall_ns, -1);
	CHECK_EQ(status.user_us, -1);
	CHECK_EQ(status.max_rss_kib, -1);
	CHECK_EQ(hold_signal(h, SIGTERM), HOLD_GONE);
	CHECK_EQ(hold_signal(h, 0), HOLD_GONE);
	hold_release(h);
}

TEST("a stranger that nobody reaps is unknown after a second, and stays so") {
	struct hold_status status = { .size = sizeof status };
	struct stranger stranger;
	struct hold *h;

	need_pidfds();
	make_stranger(&stranger);
	CHECK_EQ(hold_adopt(&h, stranger.pid), 0);
	tell(&stranger.end);
	CHECK_EQ(hold_wait(h, HOLD_FOREVER, &status), 0);
	CHECK_EQ(status.how, HOLD_HOW_UNKNOWN);
	CHECK_EQ(status.code, -1);
	CHECK_EQ(status.core_dumped, -1);
	finish_stranger(&stranger);
	CHECK_EQ(hold_wait(h, HOLD_FOREVER, &status), 0);
	CHECK_EQ(status.how, HOLD_HOW_UNKNOWN);
	hold_release(h);
}

TEST("a process that was reaped before cannot be adopted") {
	struct stranger stranger;
	struct hold *h = (struct hold *)&stranger;
	int pidfd;

	need_pidfds();
	make_stranger(&stranger);
	pidfd = hold_pidfd_open(stranger.pid, 0);
	finish_stranger(&stranger);
	CHECK_EQ(hold_adopt(&h, stranger.pid), -ESRCH);
	CHECK_EQ(hold_adopt(&h, NOBODY), -ESRCH);
	CHECK_EQ(hold_adopt_fd(&h, pidfd), -ESRCH);
	CHECK(h == (struct hold *)&stranger);
	close(pidfd);
}

TEST("hold_adopt refuses numbers that are none of a process") {
	static const int64_t unfit[] = NUMBERS_THAT_DO_NOT_FIT;
	struct hold *h;

	for (size_t i = 0; i < sizeof unfit / sizeof *unfit; i++)
		CHECK_EQ(hold_adopt(&h, unfit[i]), -EINVAL);
	CHECK_EQ(hold_adopt(&h, 0), -EINVAL);
	CHECK_EQ(hold_adopt(&h, -getpgid(0)), -EINVAL);
	CHECK_EQ(hold_adopt(NULL, getpid()), -EINVAL);
	CHECK_EQ(hold_adopt_fd(NULL, 0), -EINVAL);
	CHECK_EQ(hold_adopt_reference(NULL, "1:1"), -EINVAL);
	CHECK_EQ(hold_adopt_reference(&h, NULL), -EINVAL);
}

TEST("an adopted child of the caller's is told how it ended and left to the caller to reap") {
	struct hold_status status;
	int pid, code;
	struct hold *h;

	need_pidfds();
	pid = fork();
	if (pid == 0)
		_exit(5);
	CHECK_EQ(hold_adopt(&h, pid), 0);
	status = wait_for(h);
	CHECK_EQ(status.how, HOLD_HOW_EXITED);
	CHECK_EQ(status.code, 5);
	hold_release(h);
	CHECK_EQ(waitpid(pid, &code, 0), pid);
	CHECK_EQ(code, 5 << 8);
}

TEST("releasing an adopted hold leaves the process alone") {
	int pid;
	struct hold *h;

	need_pidfds();
	pid = fork_sleeper();
	CHECK_EQ(hold_adopt(&h, pid), 0);
	hold_release(h);
	CHECK(is_alive(pid));
	end_sleeper(pid);
}

TEST("an adopted hold has no streams, no terminal of ours, and no known start") {
	struct hold_start_info info = { .size = sizeof info, .niceness = 77 };
	struct hold *h;
	int pid;

	need_pidfds();
	pid = fork_sleeper();
	CHECK_EQ(hold_adopt(&h, pid), 0);
	for (int i = 0; i <= HOLD_TERMINAL; i++)
		CHECK_EQ(hold_stream(h, i), -EBADF);
	CHECK_EQ(hold_terminal_resize(h, &(struct hold_winsize){ 1, 1, 0, 0 }), -ENOTTY);
	CHECK_EQ(hold_start_info(h, &info), -ENODATA);
	CHECK_EQ(info.niceness, 77);
	CHECK_EQ(hold_stop(h, only_term, 1), 0);
	check_status(h, HOLD_HOW_SIGNALLED, SIGTERM);
	hold_release(h);
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
}

static void check_adopting_fd(unsigned flags) {
	int pid = fork_sleeper(), pidfd = hold_pidfd_open(pid, flags);
	struct hold *h;

	CHECK(pidfd >= 0);
	CHECK_EQ(hold_adopt_fd(&h, pidfd), 0);
	CHECK_EQ(hold_pid(h), pid);
	CHECK(hold_fd(h) != pidfd);
	CHECK_EQ(hold_wait(h, HOLD_NOW, NULL), HOLD_PENDING);
	CHECK_EQ(hold_wait(h, hold_after_ms(30), NULL), HOLD_PENDING);
	CHECK_EQ(hold_signal(h, SIGKILL), 0);
	check_status(h, HOLD_HOW_SIGNALLED, SIGKILL);
	hold_release(h);
	CHECK(fcntl(pidfd, F_GETFD) >= 0); /* the caller's still */
	close(pidfd);
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
}

TEST("hold_adopt_fd holds by a descriptor, which stays the caller's, blocking or not") {
	need_pidfds();
	check_adopting_fd(0);
	if (keeps("nonblocking"))
		check_adopting_fd(HOLD_PIDFD_NONBLOCK);
}

TEST("hold_adopt_fd refuses what is no process descriptor") {
	struct hold *h;
	int ends[2];

	CHECK_EQ(pipe(ends), 0);
	CHECK_EQ(hold_adopt_fd(&h, -1), -EBADF);
	CHECK_EQ(hold_adopt_fd(&h, INT_MIN), -EBADF);
	CHECK_EQ(hold_adopt_fd(&h, 4000), -EBADF);
	CHECK_EQ(hold_adopt_fd(&h, ends[0]), -EBADF);
	close(ends[0]);
	close(ends[1]);
}

static void adopt_without_standard_streams(void) {
	struct hold *h;
	int pid;

	for (int i = 0; i < 3; i++)
		close(i);
	pid = fork_sleeper();
	if (hold_adopt(&h, pid) || hold_fd(h) <= 2)
		_exit(1);
	hold_release(h);
	end_sleeper(pid);
}

TEST("an adopted hold's descriptor is above 2 whatever is closed") {
	need_pidfds();
	in_child(adopt_without_standard_streams);
}

/* ---- references ---- */

TEST("a reference leads back to the process that it was taken of") {
	char text[80], again[80];
	struct hold *h, *other;
	int length, pid;

	need_pidfds();
	pid = fork_sleeper();
	CHECK_EQ(hold_adopt(&h, pid), 0);
	length = hold_reference(h, text, sizeof text);
	CHECK(length > 0 && length < (int)sizeof text);
	CHECK_EQ(length, strlen(text));
	CHECK_EQ(atoi(text), pid);
	CHECK_EQ(hold_adopt_reference(&other, text), 0);
	CHECK_EQ(hold_pid(other), pid);
	CHECK_EQ(hold_reference(other, again, sizeof again), length);
	CHECK_STRING(again, text);
	CHECK_EQ(hold_signal(other, SIGKILL), 0);
	check_status(other, HOLD_HOW_SIGNALLED, SIGKILL);
	hold_release(other);
	hold_release(h);
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
	CHECK_EQ(hold_adopt_reference(&h, text), HOLD_GONE);
}

TEST("a reference is cut where its place ends, and its whole length returned") {
	struct hold *h = start(SHELL("sleep 20"));
	char text[80], cut[4] = "xyz";
	int length = hold_reference(h, text, sizeof text);

	CHECK(length > 0);
	CHECK_EQ(hold_reference(h, NULL, 0), length);
	CHECK_EQ(hold_reference(h, cut, 2), length);
	CHECK_EQ(cut[0], text[0]);
	CHECK_EQ(cut[1], 0);
	CHECK_EQ(cut[2], 'z');
	CHECK_EQ(hold_signal(h, SIGKILL), 0);
	wait_for(h);
	hold_release(h);
}

/* What "PID:BOOT-ID:START-TIME" should be for a process, from /proc. */
static void write_long_reference(int pid, char *text, size_t size) {
	char path[64], line[1024], boot[64];
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "r");
	const char *field;

	CHECK(file && fgets(boot, sizeof boot, file));
	fclose(file);
	snprintf(path, sizeof path, "/proc/%d/stat", pid);
	file = fopen(path, "r");
	CHECK(file && fgets(line, sizeof line, file));
	fclose(file);
	field = strrchr(line, ')');
	for (int i = 2; i < 22; i++)
		field = strchr(field + 1, ' ');
	snprintf(text, size, "%d:%.*s:%ld", pid, (int)strcspn(boot, "\n"), boot, atol(field + 1));
}

TEST("a reference to another process of the same number is HOLD_GONE") {
	char text[80], other[96];
	struct hold *h, *found = NULL;
	int pid;

	need_pidfds();
	pid = fork_sleeper();
	CHECK_EQ(hold_adopt(&h, pid), 0);
	CHECK(hold_reference(h, text, sizeof text) > 0);
	if (keeps("reference")) {
		snprintf(other, sizeof other, "%s1", text); /* another inode */
		CHECK_EQ(hold_adopt_reference(&found, other), HOLD_GONE);
		snprintf(other, sizeof other, "%d:1", pid);
		CHECK_EQ(hold_adopt_reference(&found, other), HOLD_GONE);
	} else {
		snprintf(other, sizeof other, "%d:1", pid);
		CHECK_EQ(hold_adopt_reference(&found, other), -EOPNOTSUPP);
	}
	write_long_reference(pid, other, sizeof other);
	strcat(other, "1"); /* another start */
	CHECK_EQ(hold_adopt_reference(&found, other), HOLD_GONE);
	write_long_reference(pid, other, sizeof other);
	*strrchr(other, '-') ^= 1; /* another boot */
	CHECK_EQ(hold_adopt_reference(&found, other), HOLD_GONE);
	CHECK_EQ(hold_adopt_reference(&found, "2147483647:1"), HOLD_GONE);
	CHECK(!found);
	hold_release(h);
	end_sleeper(pid);
}

TEST("a reference of an older kernel's form is taken as well") {
	char text[96];
	struct hold *h;
	int pid;

	need_pidfds();
	pid = fork_sleeper();
	write_long_reference(pid, text, sizeof text);
	CHECK_EQ(hold_adopt_reference(&h, text), 0);
	CHECK_EQ(hold_pid(h), pid);
	hold_release(h);
	end_sleeper(pid);
}

TEST("a text that is no reference is -EINVAL") {
	static const char *const texts[] = {
		"",
		"1",
		"1:",
		":1",
		"x:1",
		"1:x",
		"1:1x",
		"-1:1",
		"+1:1",
		" 1:1",
		"1: 1",
		"1:-1",
		"1:+1",
		"0:1",
		"1:0",
		"1:1 ",
		"2147483648:1",
		"4294967297:1",
		"99999999999999999999:1",
		"1:99999999999999999999",
		"1::1",
		"1:boot:",
		"1:boot:x",
		"1:boot:-1",
		"1:boot:1:1",
		"1:0123456789012345678901234567890123456789:1",
		"1,1",
		"1:1\n",
	};
	struct hold *h = NULL;

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		int result = hold_adopt_reference(&h, texts[i]);

		if (result != -EINVAL)
			printf("# \"%s\"\n", texts[i]);
		CHECK_EQ(result, -EINVAL);
	}
	CHECK(!h);
}

/* ---- signals ---- */

TEST("hold_signal reaches the process, a zombie without effect, and after the reap nobody") {
	struct hold *h = start_own_reading(ARGV(ACTOR("tell-signals")));
	siginfo_t info;

	expect(hold_stream(h, 1), "ready\n");
	CHECK_EQ(hold_signal(h, 0), 0);
	CHECK_EQ(hold_signal(h, SIGUSR1), 0);
	expect(hold_stream(h, 1), "10\n");
	CHECK_EQ(hold_signal(h, SIGUSR2), 0);
	expect(hold_stream(h, 1), "12\n");
	CHECK_EQ(hold_signal(h, SIGTERM), 0);
	CHECK_EQ(waitid(P_PID, (id_t)hold_pid(h), &info, WEXITED | WNOWAIT), 0);
	CHECK_EQ(hold_signal(h, SIGKILL), 0);
	CHECK_EQ(hold_signal(h, 0), 0);
	check_status(h, HOLD_HOW_EXITED, 0);
	CHECK_EQ(hold_signal(h, SIGKILL), HOLD_GONE);
	CHECK_EQ(hold_signal(h, 0), HOLD_GONE);
	hold_release(h);
}

TEST("a signal that is none is -EINVAL, for process and group") {
	static const int wrong[] = { -1, 65, 1000, INT_MAX, INT_MIN };
	struct hold_options options = { .flags = HOLD_NEW_GROUP };
	struct hold *h = start_with(SHELL("sleep 20"), &options);

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		CHECK_EQ(hold_signal(h, wrong[i]), -EINVAL);
		CHECK_EQ(hold_group_signal(h, wrong[i]), -EINVAL);
	}
	CHECK_EQ(hold_group_signal(h, SIGKILL), 0);
	wait_for(h);
	hold_release(h);
}

static void signal_without_right(void) {
	struct hold_options options = { .in = { .kind = HOLD_STDIO_PIPE }, .flags = HOLD_NEW_GROUP };
	struct hold *h;

	if (geteuid() != 0)
		SKIP("no process of another user can be started by this one");
	h = start_with(ARGV("/bin/cat"), &options);
	become_ordinary();
	CHECK_EQ(hold_signal(h, SIGTERM), -EPERM);
	CHECK_EQ(hold_signal(h, 0), -EPERM);
	CHECK_EQ(hold_group_signal(h, SIGTERM), -EPERM);
	CHECK_EQ(hold_stop(h, NULL, 0), -EPERM);
	CHECK_EQ(hold_wait(h, HOLD_NOW, NULL), HOLD_PENDING);
	close(hold_stream_take(h, 0));
	check_status(h, HOLD_HOW_EXITED, 0);
	hold_release(h);
}

TEST("a process that may not be signalled is -EPERM") {
	in_child(signal_without_right);
}

/* A leader that reads a line and ends with 4, and a member of its group that tells its signals. */
static struct hold *start_group(void) {
	struct hold_options options = { .in = { .kind = HOLD_STDIO_PIPE },
					.out = { .kind = HOLD_STDIO_PIPE },
					.flags = HOLD_NEW_GROUP,
					.contain = HOLD_CONTAIN_NONE };
	struct hold *h =
		start_with(SHELL("trap : USR1; " QUOTED_ACTOR("tell-signals") " & read line; exit 4"), &options);

	expect(hold_stream(h, 1), "ready\n");
	return h;
}

TEST("hold_group_signal reaches the members of the group that the process leads") {
	struct hold *h = start_group();

	CHECK_EQ(hold_group_signal(h, 0), 0);
	CHECK_EQ(hold_group_signal(h, SIGUSR1), 0);
	expect(hold_stream(h, 1), "10\n");
	CHECK_EQ(hold_group_signal(h, SIGTERM), 0);
	expect(hold_stream(h, 1), "15\n");
	wait_for(h);
	hold_release(h);
}

TEST("hold_group_signal reaches them also after the leader has ended, before and after it was waited for") {
	struct hold *h = start_group();
	char text[16];
	siginfo_t info;

	close(hold_stream_take(h, 0));
	CHECK_EQ(waitid(P_PID, (id_t)hold_pid(h), &info, WEXITED | WNOWAIT), 0);
	CHECK_EQ(hold_group_signal(h, SIGUSR1), 0);
	expect(hold_stream(h, 1), "10\n");
	check_status(h, HOLD_HOW_EXITED, 4);
	if (!keeps("group-signal")) {
		CHECK_EQ(hold_group_signal(h, SIGUSR2), -ENOSYS);
		CHECK_EQ(killpg((pid_t)hold_pid(h), SIGTERM), 0);
		read_all(hold_stream(h, 1), text, sizeof text);
		hold_release(h);
		SKIP("no signals to a group through a descriptor before Linux 6.9");
	}
	CHECK_EQ(hold_group_signal(h, SIGUSR2), 0);
	expect(hold_stream(h, 1), "12\n");
	CHECK_EQ(hold_group_signal(h, SIGTERM), 0);
	read_all(hold_stream(h, 1), text, sizeof text);
	CHECK_STRING(text, "15\n");
	hold_release(h);
}

TEST("a process that leads no group, and a group in which nobody is left, are -ESRCH") {
	struct hold_options options = { .flags = HOLD_NEW_GROUP };
	struct hold *h = start(SHELL("sleep 20"));

	CHECK_EQ(hold_group_signal(h, SIGKILL), keeps("group-signal") ? -ESRCH : hold_group_signal(h, 0));
	CHECK_EQ(hold_group_signal(h, 0), -ESRCH);
	CHECK_EQ(hold_wait(h, HOLD_NOW, NULL), HOLD_PENDING);
	CHECK_EQ(hold_signal(h, SIGKILL), 0);
	wait_for(h);
	hold_release(h);
	h = start_with(SHELL("exit 0"), &options);
	wait_for(h);
	CHECK_EQ(hold_group_signal(h, SIGKILL), keeps("group-signal") ? -ESRCH : -ENOSYS);
	hold_release(h);
}

/* fork with a chosen pid; the child leads a group of its own and sleeps. -1: that cannot be had here. */
static int fork_as(int pid) {
	struct {
		uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid,
			set_tid_size;
	} args = { .exit_signal = SIGCHLD, .set_tid = (uintptr_t)&pid, .set_tid_size = 1 };
	long result = syscall(435 /* clone3 */, &args, sizeof args);

	if (result == 0) {
		setpgid(0, 0);
		alarm(CHECK_SECONDS);
		for (;;)
			pause();
	}
	if (result > 0)
		setpgid((pid_t)result, (pid_t)result);
	return (int)result;
}

TEST("a process that got the number later, and its group, are never hit") {
	struct hold_options options = { .flags = HOLD_NEW_GROUP };
	struct hold *h = start_with(SHELL("exit 3"), &options);
	int64_t number = hold_pid(h);
	int innocent;

	check_status(h, HOLD_HOW_EXITED, 3);
	innocent = fork_as((int)number);
	if (innocent < 0) {
		hold_release(h);
		SKIP("the number of a new process cannot be chosen here");
	}
	CHECK_EQ(innocent, number);
	CHECK_EQ(hold_signal(h, SIGKILL), HOLD_GONE);
	CHECK_EQ(hold_group_signal(h, SIGKILL), keeps("group-signal") ? -ESRCH : -ENOSYS);
	CHECK_EQ(hold_stop(h, NULL, 0), 0);
	CHECK_EQ(hold_wait(h, HOLD_FOREVER, NULL), 0);
	check_status(h, HOLD_HOW_EXITED, 3);
	hold_release(h);
	CHECK_EQ(waitpid(innocent, NULL, WNOHANG), 0);
	end_sleeper(innocent);
}

/* ---- waiting ---- */

TEST("deadlines lie on the monotonic clock, and those that cannot be reached are for ever") {
	struct timespec now;
	int64_t before, deadline, ns;

	clock_gettime(CLOCK_MONOTONIC, &now);
	before = now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
	deadline = hold_after_ms(1000);
	clock_gettime(CLOCK_MONOTONIC, &now);
	ns = now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
	CHECK(deadline >= before + INT64_C(1000000000));
	CHECK(deadline <= ns + INT64_C(1000000000));
	CHECK_EQ(hold_after_ms(INT64_MAX), HOLD_FOREVER);
	CHECK_EQ(hold_after_ms(INT64_MAX / 1000000), HOLD_FOREVER);
	CHECK(hold_now() <= hold_now());
	CHECK(hold_after_ms(-1000) < ns);
	CHECK(hold_after_ms(INT64_MIN) < ns);
}

TEST("hold_wait looks, waits until a deadline, or for ever, and says the same each time") {
	struct hold_options options = { .in = { .kind = HOLD_STDIO_PIPE } };
	struct hold *h = start_with(SHELL("read line; exit 9"), &options);
	struct hold_status status = { .size = sizeof status, .how = 77, .code = 77 }, again = { .size = sizeof again };

	CHECK_EQ(hold_wait(h, HOLD_NOW, &status), HOLD_PENDING);
	CHECK_EQ(hold_wait(h, hold_after_ms(-5), &status), HOLD_PENDING);
	CHECK_EQ(hold_wait(h, hold_after_ms(30), &status), HOLD_PENDING);
	CHECK_EQ(status.how, 77);
	CHECK_EQ(status.code, 77);
	close(hold_stream_take(h, 0));
	CHECK_EQ(hold_wait(h, hold_after_ms(60000), NULL), 0);
	CHECK_EQ(hold_wait(h, HOLD_NOW, &status), 0);
	CHECK_EQ(hold_wait(h, HOLD_FOREVER, &again), 0);
	CHECK_EQ(status.how, HOLD_HOW_EXITED);
	CHECK_EQ(status.code, 9);
	CHECK_EQ(status.core_dumped, 0);
	CHECK(!memcmp(&status, &again, sizeof status));
	hold_release(h);
}

TEST("a deadline before all time has passed as well") {
	struct hold *h = start(SHELL("sleep 20"));

	alarm(5); /* it would be for ever */
	CHECK_EQ(hold_wait(h, -1, NULL), HOLD_PENDING);
	CHECK_EQ(hold_wait(h, INT64_MIN / 2, NULL), HOLD_PENDING);
	CHECK_EQ(hold_wait(h, INT64_MIN, NULL), HOLD_PENDING);
	CHECK_EQ(hold_signal(h, SIGKILL), 0);
	wait_for(h);
	hold_release(h);
}

TEST("an exit status of 137 is told from an end by SIGKILL") {
	static const int codes[] = { 0, 1, 126, 127, 128, 137, 143, 255 };
	static const int signals[] = { SIGKILL, SIGTERM, SIGHUP, SIGSEGV, SIGUSR1, SIGPIPE };
	char script[64];
	struct hold *h;

	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
		snprintf(script, sizeof script, "exit %d", codes[i]);
		h = start(SHELL(script));
		check_status(h, HOLD_HOW_EXITED, codes[i]);
		hold_release(h);
	}
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
		snprintf(script, sizeof script, "ulimit -c 0; kill -%d $$; exit 1", signals[i]);
		h = start(SHELL(script));
		check_status(h, HOLD_HOW_SIGNALLED, signals[i]);
		hold_release(h);
	}
}

TEST("a process that is stopped has not ended") {
	struct hold *h = start_own_reading(ARGV(ACTOR("ignore")));
	siginfo_t info;

	await(hold_stream(h, 1), "ready");
	CHECK_EQ(hold_signal(h, SIGSTOP), 0);
	CHECK_EQ(waitid(P_PID, (id_t)hold_pid(h), &info, WSTOPPED), 0);
	CHECK_EQ(hold_wait(h, HOLD_NOW, NULL), HOLD_PENDING);
	CHECK_EQ(hold_signal(h, SIGCONT), 0);
	CHECK_EQ(hold_wait(h, HOLD_NOW, NULL), HOLD_PENDING);
	CHECK_EQ(hold_signal(h, SIGKILL), 0);
	check_status(h, HOLD_HOW_SIGNALLED, SIGKILL);
	hold_release(h);
}

enum { WAITERS = 8 };

static void *wait_in_thread(void *h) {
	static struct hold_status statuses[WAITERS];
	static atomic_int next;
	struct hold_status *status = &statuses[atomic_fetch_add(&next, 1)];

	status->size = sizeof *status;
	CHECK_EQ(hold_wait(h, HOLD_FOREVER, status), 0);
	return status;
}

TEST("many threads wait for one process, and all are told the same") {
	struct hold_options options = { .in = { .kind = HOLD_STDIO_PIPE } };
	struct hold *h = start_with(SHELL("read line; exit 9"), &options);
	pthread_t threads[WAITERS];
	void *statuses[WAITERS];

	for (int i = 0; i < WAITERS; i++)
		CHECK_EQ(pthread_create(&threads[i], NULL, wait_in_thread, h), 0);
	close(hold_stream_take(h, 0));
	for (int i = 0; i < WAITERS; i++) {
		CHECK_EQ(pthread_join(threads[i], &statuses[i]), 0);
		CHECK(!memcmp(statuses[i], statuses[0], sizeof(struct hold_status)));
	}
	CHECK_EQ(((struct hold_status *)statuses[0])->how, HOLD_HOW_EXITED);
	CHECK_EQ(((struct hold_status *)statuses[0])->code, 9);
	hold_release(h);
}

static void check_status_or_unknown(struct hold *h, int code) {
	struct hold_status status = wait_for(h);

	if (status.how == HOLD_HOW_UNKNOWN && !keeps("status")) {
		CHECK_EQ(status.code, -1);
		return;
	}
	CHECK_EQ(status.how, HOLD_HOW_EXITED);
	CHECK_EQ(status.code, code);
}

static void start_many(int count) {
	for (int i = 0; i < count; i++) {
		struct hold *h = start(SHELL("exit 7"));

		check_status_or_unknown(h, 7);
		CHECK_EQ(hold_signal(h, SIGKILL), HOLD_GONE);
		hold_release(h);
	}
}

static void start_with_children_ignored(void) {
	struct hold_options missing = { .size = sizeof missing, .argv = ARGV("/nope") };
	struct hold *h;

	signal(SIGCHLD, SIG_IGN);
	start_many(50);
	CHECK_EQ(hold_spawn(&h, &missing, NULL), -ENOENT);
	CHECK(signal(SIGCHLD, SIG_DFL) == SIG_IGN);
}

static void start_with_no_zombies(void) {
	struct sigaction action = { .sa_handler = SIG_DFL, .sa_flags = SA_NOCLDWAIT };

	CHECK_EQ(sigaction(SIGCHLD, &action, NULL), 0);
	start_many(50);
}

TEST("no exit status is lost where the program ignores SIGCHLD, or it is unknown where the kernel is old") {
	in_child(start_with_children_ignored);
	in_child(start_with_no_zombies);
}

static atomic_bool stealing = true;
static atomic_int stolen;

static void *steal(void *unused) {
	while (atomic_load(&stealing)) {
		if (waitpid(-1, NULL, 0) > 0) /* it wakes up when hold_wait does */
			atomic_fetch_add(&stolen, 1);
		else
			sched_yield();
	}
	return unused;
}

/* Many: what goes wrong here does so where two waits meet within a microsecond. */
#if defined(__SANITIZE_ADDRESS__)
enum { THEFTS = 100 };
#else
enum { THEFTS = 400 };
#endif

static void start_beside_a_thief(void) {
	pthread_t thief;

	check_takes("child");
	CHECK_EQ(pthread_create(&thief, NULL, steal, NULL), 0);
	start_many(THEFTS);
	while (!atomic_load(&stolen)) { /* it may have been slow so far: give it one for certain */
		struct hold *h = start(SHELL("exit 7"));

		while (hold_signal(h, 0) == 0)
			sched_yield();
		check_status_or_unknown(h, 7);
		hold_release(h);
	}
	atomic_store(&stealing, false);
	CHECK_EQ(pthread_join(thief, NULL), 0);
}

TEST("no exit status is lost where another thread waits for any child, or it is unknown where the kernel is old") {
	in_child(start_beside_a_thief);
}

static volatile sig_atomic_t alarms;

static void count_alarm(int signal) {
	(void)signal;
	alarms++;
}

static void wait_through_signals(void) {
	const struct itimerval often = { .it_interval = { 0, 2000 }, .it_value = { 0, 2000 } };
	const struct itimerval never = { .it_value = { 0, 0 } };
	struct sigaction action = { .sa_handler = count_alarm }; /* without SA_RESTART */
	struct hold *h = start_reading(ARGV(ACTOR("ignore"), "15"));
	const struct hold_rung ladder[] = { { SIGTERM, 0, 100 }, { SIGKILL, 0, 0 } };

	await(hold_stream(h, 1), "ready");
	CHECK_EQ(sigaction(SIGALRM, &action, NULL), 0);
	CHECK_EQ(setitimer(ITIMER_REAL, &often, NULL), 0);
	CHECK_EQ(hold_wait(h, hold_after_ms(200), NULL), HOLD_PENDING);
	CHECK(alarms > 1);
	alarms = 0;
	CHECK_EQ(hold_stop(h, ladder, 2), 0);
	CHECK(alarms > 1);
	CHECK_EQ(setitimer(ITIMER_REAL, &never, NULL), 0);
	check_status(h, HOLD_HOW_SIGNALLED, SIGKILL);
	hold_release(h);
}

TEST("signals that arrive meanwhile are handled and the wait goes on") {
	in_child(wait_through_signals);
}

TEST("the status has the size that it was given") {
	struct {
		struct hold_status status;
		char tail[8];
	} future = { .status = { .size = sizeof future } };
	struct hold_status past;
	struct hold *h = start(SHELL("exit 3"));

	CHECK_EQ(hold_wait(h, HOLD_FOREVER, &future.status), 0);
	CHECK_EQ(future.status.code, 3);
	CHECK_EQ(future.status.size, sizeof future);
	future.tail[7] = 1;
	CHECK_EQ(hold_wait(h, HOLD_NOW, &future.status), -E2BIG);
	memset(&past, 'x', sizeof past);
	past.size = offsetof(struct hold_status, core_dumped);
	CHECK_EQ(hold_wait(h, HOLD_NOW, &past), 0);
	CHECK_EQ(past.how, HOLD_HOW_EXITED);
	CHECK_EQ(past.code, 3);
	CHECK_EQ(((char *)&past.core_dumped)[0], 'x');
	past.size = 0;
	CHECK_EQ(hold_wait(h, HOLD_NOW, &past), -EINVAL);
	hold_release(h);
}

TEST("the processor time is the process's, with that of the children that it waited for, and its wall time is told") {
	struct hold *h = start(ARGV("/bin/sh", "-c", QUOTED_ACTOR("use") " 0 60; exit 2"));
	struct hold_status status = wait_for(h);

	CHECK_EQ(status.how, HOLD_HOW_EXITED);
	CHECK_EQ(status.code, 2);
	CHECK(status.user_us >= 0 && status.system_us >= 0);
	CHECK(status.user_us + status.system_us >= 50000);
	CHECK(status.wall_ns >= 50000000);
	hold_release(h);
	h = start(ARGV("/bin/true"));
	status = wait_for(h);
	CHECK(status.user_us >= 0 && status.system_us >= 0);
	CHECK(status.wall_ns > 0);
	hold_release(h);
}

static void grow_and_start(void) {
	const size_t kib = 128 * 1024;
	volatile char *memory = malloc(kib * 1024);
	struct hold_status status;
	struct rusage usage;
	struct hold *h;

	CHECK(memory);
	memset((char *)memory, 1, kib * 1024);
	CHECK_EQ(memory[kib], 1);
	CHECK_EQ(getrusage(RUSAGE_SELF, &usage), 0);
	CHECK(usage.ru_maxrss >= (long)kib);
	h = start(ARGV("/bin/true"));
	status = wait_for(h);
	if (hold_containment(h) >= HOLD_CONTAIN_KEEPER)
		CHECK(status.max_rss_kib > 0 && status.max_rss_kib < 64 * 1024);
	else
		CHECK_EQ(status.max_rss_kib, -1); /* it never had as much, and the kernel tells no less */
	hold_release(h);
	free((void *)(uintptr_t)memory);
}

TEST("the largest resident size is the process's own; without a keeper it may be unknown, and is never its starter's") {
	struct hold *h = start(ARGV(ACTOR("use"), "131072", "0"));
	struct hold_status status = wait_for(h);
	struct rusage usage;

	CHECK_EQ(getrusage(RUSAGE_SELF, &usage), 0);
	if (usage.ru_maxrss < 131072)
		CHECK(status.max_rss_kib >= 131072);
	hold_release(h);
	in_child(grow_and_start);
}

static const char dump_script[] = "ulimit -c unlimited && kill -SEGV $$; exit 1";

TEST("the core flag says whether a core was dumped") {
	char directory[] = "/tmp/pidhold-core-XXXXXX";
	struct hold_options options = { .directory = directory };
	struct hold_status status;
	struct hold *h;
	int pid, dumped;

	CHECK(mkdtemp(directory));
	pid = fork();
	if (pid == 0) { /* what wait(2) says of the same without us */
		if (chdir(directory) == 0)
			execl("/bin/sh", "sh", "-c", dump_script, NULL);
		_exit(1);
	}
	CHECK_EQ(waitpid(pid, &dumped, 0), pid);
	h = start_with(SHELL(dump_script), &options);
	status = wait_for(h);
	hold_release(h);
	h = start(ARGV("/bin/rm", "-r", directory));
	check_status(h, HOLD_HOW_EXITED, 0);
	hold_release(h);
	h = start(SHELL("ulimit -c 0; kill -TERM $$"));
	CHECK_EQ(wait_for(h).core_dumped, 0);
	hold_release(h);
	if (!WIFSIGNALED(dumped) || !WCOREDUMP(dumped))
		SKIP("no core is dumped on this system");
	CHECK_EQ(status.how, HOLD_HOW_SIGNALLED);
	CHECK_EQ(status.code, SIGSEGV);
	CHECK_EQ(status.core_dumped, 1);
}

/* ---- stopping ---- */

TEST("a ladder goes on to SIGKILL for a process that ignores the signals before") {
	static const struct hold_rung ladder[] = { { SIGTERM, 0, 20 }, { SIGHUP, 0, 20 }, { SIGKILL, 0, 0 } };
	struct hold *h = start_reading(ARGV(ACTOR("ignore"), "15", "1"));

	await(hold_stream(h, 1), "ready");
	CHECK_EQ(hold_stop(h, ladder, 3), 0);
	check_status(h, HOLD_HOW_SIGNALLED, SIGKILL);
	CHECK_EQ(hold_stop(h, ladder, 3), 0); /* it has ended already */
	CHECK_EQ(hold_stop(h, NULL, 0), 0);
	hold_release(h);
}

TEST("a ladder ends with the process, before SIGKILL") {
	static const struct hold_rung ladder[] = { { SIGINT, 0, 20000 }, { SIGKILL, 0, 0 } };
	struct hold *h = start_reading(ARGV(ACTOR("ignore"), "15"));

	await(hold_stream(h, 1), "ready");
	CHECK_EQ(hold_stop(h, ladder, 2), 0);
	check_status(h, HOLD_HOW_SIGNALLED, SIGINT);
	hold_release(h);
}

TEST("without a ladder the one given at the start serves, else SIGTERM comes first") {
	static const struct hold_rung given[] = { { SIGUSR1, 0, 20000 } };
	struct hold_options options = { .ladder = given, .ladder_count = 1, .out = { .kind = HOLD_STDIO_PIPE } };
	struct hold *h = start_with(ARGV(ACTOR("ignore")), &options);

	await(hold_stream(h, 1), "ready");
	CHECK_EQ(hold_stop(h, NULL, 0), 0);
	check_status(h, HOLD_HOW_SIGNALLED, SIGUSR1);
	hold_release(h);
	h = start_reading(ARGV(ACTOR("ignore")));
	await(hold_stream(h, 1), "ready");
	CHECK_EQ(hold_stop(h, NULL, 0), 0);
	check_status(h, HOLD_HOW_SIGNALLED, SIGTERM);
	hold_release(h);
}

TEST("a process that lives at the ladder's end is HOLD_PENDING, and lives") {
	static const struct hold_rung ladder[] = { { SIGTERM, 0, 20 }, { SIGTERM, 0, 20 } };
	struct hold *h = start_reading(ARGV(ACTOR("ignore"), "15"));

	await(hold_stream(h, 1), "ready");
	CHECK_EQ(hold_stop(h, ladder, 2), HOLD_PENDING);
	CHECK_EQ(hold_wait(h, HOLD_NOW, NULL), HOLD_PENDING);
	CHECK_EQ(hold_signal(h, SIGKILL), 0);
	check_status(h, HOLD_HOW_SIGNALLED, SIGKILL);
	hold_release(h);
}

TEST("a stopped process acts on SIGTERM, since SIGCONT follows") {
	struct hold *h = start_own_reading(ARGV(ACTOR("ignore")));
	siginfo_t info;

	await(hold_stream(h, 1), "ready");
	CHECK_EQ(hold_signal(h, SIGSTOP), 0);
	CHECK_EQ(waitid(P_PID, (id_t)hold_pid(h), &info, WSTOPPED), 0);
	CHECK_EQ(hold_stop(h, only_term, 1), 0);
	check_status(h, HOLD_HOW_SIGNALLED, SIGTERM);
	hold_release(h);
}

TEST("a process that has ended by itself, and was not waited for, is stopped already") {
	struct hold *h = start_own(SHELL("exit 3"));
	siginfo_t info;

	CHECK_EQ(waitid(P_PID, (id_t)hold_pid(h), &info, WEXITED | WNOWAIT), 0);
	CHECK_EQ(hold_stop(h, NULL, 0), 0);
	check_status(h, HOLD_HOW_EXITED, 3);
	hold_release(h);
}

TEST("a ladder that makes no sense is -EINVAL and sends nothing") {
	static const struct hold_rung long_ladder[HOLD_LADDER_MAX + 1] = { { SIGKILL, 0, 0 }, { SIGKILL, 0, 0 } };
	struct hold_rung rung = { SIGKILL, 0, 0 };
	struct hold *h = start(SHELL("sleep 20"));

	CHECK_EQ(hold_stop(h, long_ladder, HOLD_LADDER_MAX + 1), -EINVAL);
	CHECK_EQ(hold_stop(h, long_ladder, SIZE_MAX), -EINVAL);
	CHECK_EQ(hold_stop(h, long_ladder, 3), -EINVAL); /* the third has no signal */
	CHECK_EQ(hold_stop(h, &rung, 0), -EINVAL);
	rung.wait_ms = -1;
	CHECK_EQ(hold_stop(h, &rung, 1), -EINVAL);
	rung = (struct hold_rung){ .signal = -SIGKILL };
	CHECK_EQ(hold_stop(h, &rung, 1), -EINVAL);
	rung = (struct hold_rung){ .signal = SIGKILL, .reserved = 1 };
	CHECK_EQ(hold_stop(h, &rung, 1), -EINVAL);
	rung = (struct hold_rung){ .signal = 65 };
	CHECK_EQ(hold_stop(h, &rung, 1), -EINVAL);
	CHECK_EQ(hold_wait(h, HOLD_NOW, NULL), HOLD_PENDING);
	rung = (struct hold_rung){ .signal = SIGKILL, .wait_ms = INT64_MAX };
	CHECK_EQ(hold_stop(h, &rung, 1), 0);
	hold_release(h);
}

/* ---- after fork ---- */

static struct hold *shared;

static void use_in_child(void) {
	struct hold_status status = { .size = sizeof status };
	struct hold_start_info info = { .size = sizeof info };
	char text[80];

	CHECK_EQ(hold_pid(shared), -ECHILD);
	CHECK_EQ(hold_fd(shared), -ECHILD);
	CHECK_EQ(hold_stream(shared, 1), -ECHILD);
	CHECK_EQ(hold_stream_take(shared, 1), -ECHILD);
	CHECK_EQ(hold_terminal_resize(shared, &(struct hold_winsize){ 1, 1, 0, 0 }), -ECHILD);
	CHECK_EQ(hold_start_info(shared, &info), -ECHILD);
	CHECK_EQ(hold_reference(shared, text, sizeof text), -ECHILD);
	CHECK_EQ(hold_signal(shared, SIGKILL), -ECHILD);
	CHECK_EQ(hold_group_signal(shared, SIGKILL), -ECHILD);
	CHECK_EQ(hold_wait(shared, HOLD_NOW, &status), -ECHILD);
	CHECK_EQ(hold_stop(shared, NULL, 0), -ECHILD);
}

static void release_in_child(void) {
	int before = count_descriptors();

	use_in_child();
	CHECK(!hold_release(shared));
	CHECK_EQ(count_descriptors(), before - 2); /* its descriptor, and the master that is stream and terminal */
}

static void hold_anew_in_child(void) {
	struct hold *h = start(SHELL("exit 6"));

	use_in_child(); /* also once the child has a hold of its own */
	check_status(h, HOLD_HOW_EXITED, 6);
	hold_release(h);
	in_child(use_in_child);
}

TEST("in a forked child every function is -ECHILD, release closes its copies, and the owner's hold goes on") {
	static const struct hold_terminal terminal = { .size = sizeof terminal };
	struct hold_options options = { .terminal = &terminal, .contain = HOLD_CONTAIN_NONE };

	need_pidfds();
	shared = start_with(ARGV(ACTOR("tell-signals")), &options);
	expect(hold_stream(shared, 1), "ready\r\n");
	in_child(use_in_child);
	in_child(release_in_child);
	in_child(hold_anew_in_child);
	CHECK_EQ(hold_wait(shared, HOLD_NOW, NULL), HOLD_PENDING);
	CHECK_EQ(hold_signal(shared, SIGUSR1), 0);
	expect(hold_stream(shared, 1), "10\r\n");
	CHECK_EQ(hold_stop(shared, NULL, 0), 0);
	check_status(shared, HOLD_HOW_EXITED, 0);
	hold_release(shared);
}

TEST("no hold at all is -EINVAL everywhere, but may be released") {
	char text[8];

	CHECK_EQ(hold_pid(NULL), -EINVAL);
	CHECK_EQ(hold_fd(NULL), -EINVAL);
	CHECK_EQ(hold_stream(NULL, 0), -EINVAL);
	CHECK_EQ(hold_stream_take(NULL, 0), -EINVAL);
	CHECK_EQ(hold_terminal_resize(NULL, &(struct hold_winsize){ 1, 1, 0, 0 }), -EINVAL);
	CHECK_EQ(hold_start_info(NULL, NULL), -EINVAL);
	CHECK_EQ(hold_reference(NULL, text, sizeof text), -EINVAL);
	CHECK_EQ(hold_signal(NULL, 0), -EINVAL);
	CHECK_EQ(hold_group_signal(NULL, 0), -EINVAL);
	CHECK_EQ(hold_wait(NULL, HOLD_NOW, NULL), -EINVAL);
	CHECK_EQ(hold_stop(NULL, NULL, 0), -EINVAL);
	CHECK_EQ(hold_containment(NULL), -EINVAL);
	CHECK_EQ(hold_tree_fd(NULL), -EINVAL);
	CHECK_EQ(hold_job_fd(NULL), -EINVAL);
	CHECK_EQ(hold_job_take(NULL), -EINVAL);
	CHECK_EQ(hold_job_signal(NULL), -EINVAL);
	CHECK_EQ(hold_terminal_restore(NULL, HOLD_RESTORE_NEVER), -EINVAL);
	CHECK_EQ(hold_terminal_restore_text(NULL, "", 0), -EINVAL);
	CHECK(hold_tree_memory_peak(NULL) == -EINVAL);
	CHECK_EQ(hold_tree_signal(NULL, SIGTERM), -EINVAL);
	CHECK_EQ(hold_tree_stop(NULL, NULL, 0, NULL, NULL, NULL), -EINVAL);
	CHECK_EQ(hold_tree_wait(NULL, HOLD_NOW), -EINVAL);
	CHECK(!hold_release(NULL));
}

TEST("no place for what is asked for, and words that are none, are -EINVAL") {
	struct hold *h = start(SHELL("exec sleep 20"));

	CHECK_EQ(hold_adopt(NULL, getpid()), -EINVAL);
	CHECK_EQ(hold_adopt_fd(NULL, 0), -EINVAL);
	CHECK_EQ(hold_adopt_reference(NULL, "1:1"), -EINVAL);
	CHECK_EQ(hold_stream_take(h, -1), -EINVAL);
	CHECK_EQ(hold_terminal_restore(h, HOLD_RESTORE_UNTIL_RELEASE + 1), -EINVAL);
	CHECK_EQ(hold_terminal_restore(h, HOLD_RESTORE_NEVER - 1), -EINVAL);
	CHECK_EQ(hold_terminal_restore_text(h, NULL, 1), -EINVAL);
	CHECK_EQ(hold_terminal_restore_text(h, "", HOLD_RESTORE_TEXT_MAX + 1), -EINVAL);
	CHECK_EQ(hold_tree_list(h, NULL, NULL), -EINVAL);
	CHECK_EQ(hold_tree_signal(h, -1), -EINVAL);
	CHECK_EQ(hold_wait(h, HOLD_NOW, NULL), HOLD_PENDING); /* nothing was sent */
	CHECK_EQ(hold_stop(h, NULL, 0), 0);
	wait_for(h);
	hold_release(h);
}

/* ---- the good guest ---- */

TEST("errno is left alone by every call") {
	struct hold_status status = { .size = sizeof status };
	struct hold *h = start(SHELL("sleep 20")), *other = NULL;
	struct hold_start_info info = { .size = sizeof info };
	char text[80], old[96];

	need_pidfds();
	CHECK(hold_reference(h, text, sizeof text) > 0);
	write_long_reference((int)hold_pid(h), old, sizeof old);
	KEEPS_ERRNO(hold_after_ms(5));
	KEEPS_ERRNO(hold_pid(h));
	KEEPS_ERRNO(hold_fd(h));
	KEEPS_ERRNO(hold_stream(h, 1));
	KEEPS_ERRNO(hold_stream_take(h, 1));
	KEEPS_ERRNO(hold_terminal_resize(h, &(struct hold_winsize){ 1, 1, 0, 0 }));
	KEEPS_ERRNO(hold_start_info(h, &info));
	KEEPS_ERRNO(hold_reference(h, text, sizeof text));
	KEEPS_ERRNO(hold_adopt(&other, hold_pid(h)));
	KEEPS_ERRNO(hold_release(other));
	KEEPS_ERRNO(hold_adopt_fd(&other, hold_fd(h)));
	KEEPS_ERRNO(hold_release(other));
	KEEPS_ERRNO(hold_adopt_reference(&other, text));
	KEEPS_ERRNO(hold_release(other));
	KEEPS_ERRNO(hold_adopt_reference(&other, old));
	KEEPS_ERRNO(hold_release(other));
	KEEPS_ERRNO(hold_adopt(&other, NOBODY));
	KEEPS_ERRNO(hold_adopt_fd(&other, -1));
	KEEPS_ERRNO(hold_adopt_fd(&other, 0));
	KEEPS_ERRNO(hold_adopt_fd(&other, 4000));
	KEEPS_ERRNO(hold_adopt_reference(&other, "1:99999999999999999999"));
	KEEPS_ERRNO(hold_adopt_reference(&other, "1:1"));
	KEEPS_ERRNO(hold_signal(h, 65));
	KEEPS_ERRNO(hold_group_signal(h, SIGTERM));
	KEEPS_ERRNO(hold_wait(h, HOLD_NOW, &status));
	KEEPS_ERRNO(hold_wait(h, hold_after_ms(5), &status));
	KEEPS_ERRNO(hold_signal(h, SIGKILL));
	KEEPS_ERRNO(hold_wait(h, HOLD_FOREVER, &status));
	KEEPS_ERRNO(hold_signal(h, SIGKILL));
	KEEPS_ERRNO(hold_group_signal(h, SIGKILL));
	KEEPS_ERRNO(hold_reference(h, text, sizeof text));
	KEEPS_ERRNO(hold_stop(h, NULL, 0));
	KEEPS_ERRNO(hold_release(h));
	for (size_t i = 0; i < 20; i++) {
		struct hold_cap cap = { .size = sizeof cap };

		KEEPS_ERRNO(hold_caps(i, &cap));
	}
	KEEPS_ERRNO(hold_step_name(1));
	KEEPS_ERRNO(hold_version());
}

TEST("the library is of its header's version") {
	CHECK_STRING(hold_version(), HOLD_VERSION);
}

CHECK_MAIN
