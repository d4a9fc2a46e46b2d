/* SPDX-License-Identifier: ISC */
/* The system's own functions, on numbers: hold_kill, hold_killpg, hold_pthread_kill, hold_nice, hold_pidfd_open. */
#include "children.h"

#include <limits.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#define WAIT_PIDFD 3   /* P_PIDFD, which older headers lack */
#define NOBODY INT_MAX /* a pid that no process has: the kernel's largest is 2^22 */

static const int64_t unfit[] = NUMBERS_THAT_DO_NOT_FIT;
enum { UNFIT = sizeof unfit / sizeof *unfit };

static volatile sig_atomic_t received;

static void count_signal(int signal) {
	(void)signal;
	received++;
}

static void catch (int signal) {
	struct sigaction action = { .sa_handler = count_signal };

	received = 0;
	sigaction(signal, &action, NULL);
}

static void reset(int signal) {
	struct sigaction action = { .sa_handler = SIG_DFL };

	sigaction(signal, &action, NULL);
}

static int told;

/* Forbids everything: should a number be cut, the act is still not done. */
static int count_and_forbid(void *context, const struct hold_event *event) {
	(void)context, (void)event;
	told++;
	return -ECANCELED;
}

TEST("hold_kill sends a signal to a process by its pid") {
	int pid = fork_sleeper(), status;

	CHECK_EQ(hold_kill(pid, SIGTERM), 0);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
}

TEST("signal 0 sends nothing and tests whether the process exists") {
	int pid = fork_sleeper();

	CHECK_EQ(hold_kill(pid, 0), 0);
	CHECK(is_alive(pid));
	CHECK_EQ(hold_kill(NOBODY, 0), -ESRCH);
	CHECK_EQ(hold_killpg(getpgid(0), 0), 0);
	end_sleeper(pid);
	CHECK_EQ(hold_kill(pid, 0), -ESRCH);
}

TEST("a zombie is signalled without an error, as kill(2) has it") {
	siginfo_t info;
	int pid = fork();

	if (pid == 0)
		_exit(3);
	CHECK_EQ(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	CHECK_EQ(hold_kill(pid, SIGKILL), 0);
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
}

TEST("a process that is not there is -ESRCH") {
	CHECK_EQ(hold_kill(NOBODY, SIGTERM), -ESRCH);
	CHECK_EQ(hold_kill(-NOBODY, SIGTERM), -ESRCH);
	CHECK_EQ(hold_kill(INT_MIN, SIGTERM), -ESRCH);
	CHECK_EQ(hold_killpg(NOBODY, SIGTERM), -ESRCH);
}

TEST("a signal that is none is -EINVAL") {
	CHECK_EQ(hold_kill(getpid(), 65), -EINVAL);
	CHECK_EQ(hold_kill(getpid(), -1), -EINVAL);
	CHECK_EQ(hold_kill(getpid(), INT_MAX), -EINVAL);
	CHECK_EQ(hold_killpg(0, 65), -EINVAL);
	CHECK_EQ(hold_killpg(0, -1), -EINVAL);
	CHECK_EQ(hold_pthread_kill((uintptr_t)pthread_self(), 65), -EINVAL);
	CHECK_EQ(hold_pthread_kill((uintptr_t)pthread_self(), -1), -EINVAL);
}

TEST("numbers that do not fit are refused before an audit hook hears of them") {
	CHECK_EQ(hold_audit_add(count_and_forbid, NULL), 0);
	for (int i = 0; i < UNFIT; i++) {
		CHECK_EQ(hold_kill(unfit[i], SIGKILL), -EINVAL);
		CHECK_EQ(hold_kill(getpid(), unfit[i]), -EINVAL);
		CHECK_EQ(hold_killpg(unfit[i], SIGKILL), -EINVAL);
		CHECK_EQ(hold_killpg(0, unfit[i]), -EINVAL);
		CHECK_EQ(hold_pthread_kill((uintptr_t)pthread_self(), unfit[i]), -EINVAL);
		CHECK_EQ(hold_pidfd_open(unfit[i], 0), -EINVAL);
	}
	CHECK_EQ(told, 0);
	CHECK_EQ(hold_kill(getpid(), 0), -ECANCELED); /* the hook does hear of what fits */
	CHECK_EQ(told, 1);
}

TEST("group 1 and groups below 0 are refused before an audit hook hears of them") {
	CHECK_EQ(hold_audit_add(count_and_forbid, NULL), 0);
	CHECK_EQ(hold_killpg(1, SIGKILL), -EINVAL);
	CHECK_EQ(hold_killpg(1, 0), -EINVAL);
	CHECK_EQ(hold_killpg(-1, SIGKILL), -EINVAL);
	CHECK_EQ(hold_killpg(-getpgid(0), SIGKILL), -EINVAL);
	CHECK_EQ(hold_killpg(INT_MIN, SIGKILL), -EINVAL);
	CHECK_EQ(told, 0);
}

/* A group of two, the second of which ends with status 5 once it has been signalled. Returns the second. */
static int make_group_of_two(void) {
	int ready[2], pid;
	char byte;

	CHECK_EQ(setpgid(0, 0), 0);
	CHECK_EQ(pipe(ready), 0);
	catch (SIGUSR1);
	pid = fork();
	if (pid == 0) {
		CHECK_EQ(write(ready[1], "", 1), 1);
		while (!received)
			poll(NULL, 0, 10);
		_exit(5);
	}
	CHECK_EQ(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	close(ready[1]);
	return pid;
}

static void check_group_received(int second) {
	int status;

	CHECK_EQ(received, 1);
	CHECK_EQ(waitpid(second, &status, 0), second);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 5);
}

static void signal_own_group_by_kill(void) {
	int second = make_group_of_two();

	CHECK_EQ(hold_kill(0, SIGUSR1), 0);
	check_group_received(second);
}

static void signal_own_group_by_killpg(void) {
	int second = make_group_of_two();

	CHECK_EQ(hold_killpg(0, SIGUSR1), 0);
	check_group_received(second);
}

static void signal_group_by_negative_pid(void) {
	int second = make_group_of_two();

	CHECK_EQ(hold_kill(-getpid(), SIGUSR1), 0);
	check_group_received(second);
}

static void signal_group_by_number(void) {
	int second = make_group_of_two();

	CHECK_EQ(hold_killpg(getpid(), SIGUSR1), 0);
	check_group_received(second);
}

TEST("pid 0 is every process of the caller's group, and so is group 0") {
	in_child(signal_own_group_by_kill);
	in_child(signal_own_group_by_killpg);
}

TEST("a pid below -1 is every process of that group, and hold_killpg reaches them all") {
	in_child(signal_group_by_negative_pid);
	in_child(signal_group_by_number);
}

TEST("pid -1 goes to the kernel as it is") {
	int result = hold_kill(-1, 0); /* tests only; it may be that nobody else is there, or may be signalled */

	CHECK(result == 0 || result == -ESRCH || result == -EPERM);
}

static int foreigner;

static void signal_a_foreigner(void) {
	become_ordinary();
	CHECK_EQ(hold_kill(foreigner, SIGTERM), -EPERM);
	CHECK_EQ(hold_kill(foreigner, 0), -EPERM);
	CHECK_EQ(hold_killpg(foreigner, SIGTERM), -EPERM);
}

TEST("signalling another user's process, or a group of such alone, is -EPERM") {
	if (geteuid() != 0) {
		if (kill(1, 0) == 0)
			SKIP("no process of another user is here to be signalled");
		CHECK_EQ(hold_kill(1, 0), -EPERM);
		return;
	}
	foreigner = fork_sleeper();
	CHECK_EQ(setpgid(foreigner, foreigner), 0);
	in_child(signal_a_foreigner);
	CHECK(is_alive(foreigner));
	end_sleeper(foreigner);
}

TEST("hold_pthread_kill sends a signal to a thread of this program") {
	catch (SIGUSR1);
	CHECK_EQ(hold_pthread_kill((uintptr_t)pthread_self(), SIGUSR1), 0);
	CHECK_EQ(received, 1);
	CHECK_EQ(hold_pthread_kill((uintptr_t)pthread_self(), 0), 0);
	CHECK_EQ(received, 1);
	reset(SIGUSR1);
}

static pthread_t receiver;

static void note_thread(int signal) {
	(void)signal;
	received += pthread_equal(pthread_self(), receiver) ? 1 : 100;
}

static void *receive_one(void *ready) {
	receiver = pthread_self();
	CHECK_EQ(write(*(int *)ready, "", 1), 1);
	while (!received)
		poll(NULL, 0, 10);
	return NULL;
}

TEST("hold_pthread_kill reaches the thread that is named and no other") {
	struct sigaction action = { .sa_handler = note_thread };
	pthread_t thread;
	int ready[2];
	char byte;

	CHECK_EQ(pipe(ready), 0);
	sigaction(SIGUSR1, &action, NULL);
	CHECK_EQ(pthread_create(&thread, NULL, receive_one, &ready[1]), 0);
	CHECK_EQ(read(ready[0], &byte, 1), 1);
	CHECK_EQ(hold_pthread_kill((uintptr_t)thread, SIGUSR1), 0);
	CHECK_EQ(pthread_join(thread, NULL), 0);
	CHECK_EQ(received, 1);
	reset(SIGUSR1);
	close(ready[0]);
	close(ready[1]);
}

static void *end_at_once(void *ret_tid) {
	*(int *)ret_tid = (int)syscall(SYS_gettid);
	return NULL;
}

TEST("a thread that has ended and was not joined is -ESRCH, or 0 where the C library has it so") {
	pthread_t thread;
	int tid = 0, result;

	CHECK_EQ(pthread_create(&thread, NULL, end_at_once, &tid), 0);
	while (!*(volatile int *)&tid || syscall(SYS_tgkill, getpid(), tid, 0) == 0)
		sched_yield();
	result = hold_pthread_kill((uintptr_t)thread, SIGKILL);
	CHECK(result == 0 || result == -ESRCH);
	CHECK_EQ(pthread_join(thread, NULL), 0);
}

static int niceness_of(int tid) {
	return getpriority(PRIO_PROCESS, (id_t)tid);
}

static void add_niceness(void) {
	int before = niceness_of(0), niceness = 77;

	if (before > 16)
		SKIP("the niceness is too high already to be raised by three");
	CHECK_EQ(hold_nice(0, &niceness), 0);
	CHECK_EQ(niceness, before);
	CHECK_EQ(hold_nice(2, &niceness), 0);
	CHECK_EQ(niceness, before + 2);
	CHECK_EQ(niceness_of(0), before + 2);
	CHECK_EQ(hold_nice(1, NULL), 0);
	CHECK_EQ(niceness_of(0), before + 3);
}

TEST("hold_nice adds and hands out the new niceness, which may be ignored") {
	in_child(add_niceness);
}

static void clamp_above(void) {
	int niceness = 77;

	CHECK_EQ(hold_nice(1000, &niceness), 0);
	CHECK_EQ(niceness, 19);
	CHECK_EQ(hold_nice(INT_MAX, &niceness), 0);
	CHECK_EQ(niceness, 19);
	CHECK_EQ(niceness_of(0), 19);
}

TEST("beyond 19 a niceness is clamped") {
	in_child(clamp_above);
}

static void need_lowering(void) {
	int before = niceness_of(0);

	errno = 0;
	if (setpriority(PRIO_PROCESS, 0, -20) < 0)
		SKIP("lowering the niceness is not allowed to this user");
	CHECK_EQ(setpriority(PRIO_PROCESS, 0, before), 0);
}

static void clamp_below(void) {
	int niceness = 77;

	need_lowering();
	CHECK_EQ(hold_nice(-1000, &niceness), 0);
	CHECK_EQ(niceness, -20);
	CHECK_EQ(hold_nice(INT_MIN, &niceness), 0);
	CHECK_EQ(niceness, -20);
	CHECK_EQ(niceness_of(0), -20);
}

TEST("below -20 a niceness is clamped") {
	in_child(clamp_below);
}

static void reach_minus_one(void) {
	int niceness = 77;

	need_lowering();
	CHECK_EQ(setpriority(PRIO_PROCESS, 0, 0), 0);
	CHECK_EQ(hold_nice(-1, &niceness), 0);
	CHECK_EQ(niceness, -1);
	CHECK_EQ(hold_nice(0, &niceness), 0);
	CHECK_EQ(niceness, -1);
}

TEST("-1 is a niceness, not an error") {
	in_child(reach_minus_one);
}

static void lower_without_right(void) {
	struct rlimit none = { .rlim_cur = 0, .rlim_max = 0 };
	int niceness = 77;

	become_ordinary();
	if (setrlimit(RLIMIT_NICE, &none) || setpriority(PRIO_PROCESS, 0, 10))
		SKIP("the limit on niceness cannot be set here");
	CHECK_EQ(hold_nice(-1, &niceness), -EPERM);
	CHECK_EQ(hold_nice(INT_MIN, &niceness), -EPERM);
	CHECK_EQ(niceness, 77);
	CHECK_EQ(niceness_of(0), 10);
	CHECK_EQ(hold_nice(1, &niceness), 0);
	CHECK_EQ(niceness, 11);
}

TEST("lowering the niceness without the right to is -EPERM and changes nothing") {
	in_child(lower_without_right);
}

static void *raise_own_niceness(void *ret) {
	CHECK_EQ(hold_nice(1, ret), 0);
	return NULL;
}

static void raise_in_thread(void) {
	int before = niceness_of(0), niceness = 77;
	pthread_t thread;

	if (before == 19)
		SKIP("the niceness is too high already to be raised");
	CHECK_EQ(pthread_create(&thread, NULL, raise_own_niceness, &niceness), 0);
	CHECK_EQ(pthread_join(thread, NULL), 0);
	CHECK_EQ(niceness, before + 1);
	CHECK_EQ(niceness_of(0), before);
}

TEST("on Linux a niceness is the calling thread's own") {
	in_child(raise_in_thread);
}

static void need_pidfds(void) {
	int pidfd = (int)syscall(434, getpid(), 0);

	if (pidfd < 0)
		SKIP("no process descriptors on this system");
	close(pidfd);
}

TEST("hold_pidfd_open gives a close-on-exec descriptor of any process that can be seen") {
	struct pollfd poll_for = { .events = POLLIN };
	int pid = fork_sleeper(), pidfd, initial;

	need_pidfds();
	pidfd = hold_pidfd_open(pid, 0);
	CHECK(pidfd >= 0);
	CHECK_EQ(fcntl(pidfd, F_GETFD), FD_CLOEXEC);
	poll_for.fd = pidfd;
	CHECK_EQ(poll(&poll_for, 1, 0), 0);
	end_sleeper(pid);
	CHECK_EQ(poll(&poll_for, 1, -1), 1);
	close(pidfd);
	initial = hold_pidfd_open(1, 0);
	CHECK(initial >= 0);
	close(initial);
}

TEST("hold_pidfd_open takes a process that has ended and was not reaped") {
	siginfo_t info;
	int pid, pidfd;

	need_pidfds();
	pid = fork();
	if (pid == 0)
		_exit(3);
	CHECK_EQ(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	pidfd = hold_pidfd_open(pid, 0);
	CHECK(pidfd >= 0);
	close(pidfd);
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
	CHECK_EQ(hold_pidfd_open(pid, 0), -ESRCH);
}

TEST("hold_pidfd_open refuses pids below 1 and flags that the kernel does not know") {
	need_pidfds();
	CHECK_EQ(hold_pidfd_open(0, 0), -EINVAL);
	CHECK_EQ(hold_pidfd_open(-1, 0), -EINVAL);
	CHECK_EQ(hold_pidfd_open(-getpgid(0), 0), -EINVAL);
	CHECK_EQ(hold_pidfd_open(INT_MIN, 0), -EINVAL);
	CHECK_EQ(hold_pidfd_open(getpid(), 1), -EINVAL);
	CHECK_EQ(hold_pidfd_open(getpid(), 1u << 31), -EINVAL);
	CHECK_EQ(hold_pidfd_open(NOBODY, 0), -ESRCH);
}

TEST("on a non-blocking pidfd waitid gives EAGAIN while the process lives, and the status after") {
	siginfo_t info = { .si_pid = 0 };
	int pid, pidfd;

	CHECK_EQ(HOLD_PIDFD_NONBLOCK, O_NONBLOCK);
	need_pidfds();
	pid = fork_sleeper();
	pidfd = hold_pidfd_open(pid, HOLD_PIDFD_NONBLOCK);
	if (pidfd == -EINVAL)
		SKIP("no non-blocking pidfds before Linux 5.10");
	CHECK(pidfd >= 0);
	CHECK_EQ(fcntl(pidfd, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
	CHECK_EQ(waitid((idtype_t)WAIT_PIDFD, (id_t)pidfd, &info, WEXITED), -1);
	CHECK_EQ(errno, EAGAIN);
	kill(pid, SIGKILL);
	while (waitid((idtype_t)WAIT_PIDFD, (id_t)pidfd, &info, WEXITED) < 0)
		CHECK_EQ(errno, EAGAIN);
	CHECK_EQ(info.si_pid, pid);
	CHECK_EQ(info.si_status, SIGKILL);
	close(pidfd);
}

static void *open_pidfd_of_thread(void *ret) {
	*(int *)ret = hold_pidfd_open(syscall(SYS_gettid), 0);
	return NULL;
}

TEST("a thread that does not lead its process is -ENOENT, before Linux 6.16 -EINVAL") {
	pthread_t thread;
	int result = 0;

	need_pidfds();
	CHECK_EQ(pthread_create(&thread, NULL, open_pidfd_of_thread, &result), 0);
	CHECK_EQ(pthread_join(thread, NULL), 0);
	CHECK(result == -ENOENT || result == -EINVAL);
}

static void open_pidfd_at_the_limit(void) {
	struct rlimit none = { .rlim_cur = 0, .rlim_max = 0 };

	CHECK_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
	CHECK_EQ(hold_pidfd_open(getpid(), 0), -EMFILE);
}

TEST("hold_pidfd_open without a free descriptor is -EMFILE") {
	need_pidfds();
	in_child(open_pidfd_at_the_limit);
}

TEST("none of these functions changes errno") {
	int niceness, pidfd;

	errno = 77;
	hold_kill(NOBODY, SIGTERM);
	hold_kill(INT64_MAX, SIGTERM);
	hold_kill(getpid(), 0);
	hold_killpg(NOBODY, SIGTERM);
	hold_pthread_kill((uintptr_t)pthread_self(), 65);
	hold_nice(0, &niceness);
	hold_pidfd_open(NOBODY, 0);
	pidfd = hold_pidfd_open(getpid(), 0);
	CHECK_EQ(errno, 77);
	if (pidfd >= 0)
		close(pidfd);
}

CHECK_MAIN
