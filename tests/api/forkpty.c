/* SPDX-License-Identifier: ISC */
/* hold_forkpty: what the child has, what the parent has, the threads that are counted, and what a refusal leaves. */
#include "children.h"

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <termios.h>

/* The child's checks print to its terminal: what came out there explains a failure. */
static void finish(int pid, int master) {
	char text[4096];
	int status;

	read_all(master, text, sizeof text);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	close(master);
	if (status) {
		printf("# in the child: %s\n", text);
		CHECK_EQ(status, 0);
	}
}

/* Forks; in the child runs `part` and ends. Returns the child's pid. */
static int fork_for(void (*part)(void), int *master, const struct hold_forkpty_options *options) {
	int pid = hold_forkpty(master, NULL, options);

	if (pid == 0) {
		alarm(CHECK_SECONDS);
		part();
		fflush(stdout);
		_exit(0);
	}
	CHECK(pid > 0);
	return pid;
}

static void in_forkpty_child(void (*part)(void), const struct hold_forkpty_options *options) {
	int master, pid = fork_for(part, &master, options);

	finish(pid, master);
}

static void look_at_terminal(void) {
	struct stat standard, other;
	int fd = open("/dev/tty", O_RDWR);

	CHECK(fd > 2);
	CHECK_EQ(getsid(0), getpid());
	CHECK_EQ(getpgid(0), getpid());
	CHECK_EQ(tcgetpgrp(fd), getpid());
	CHECK_EQ(tcgetsid(fd), getpid());
	CHECK_EQ(fstat(0, &standard), 0);
	for (int i = 0; i < 3; i++) {
		CHECK(isatty(i));
		CHECK_EQ(fcntl(i, F_GETFD), 0);
		CHECK_EQ(fcntl(i, F_GETFL) & O_ACCMODE, O_RDWR);
		CHECK_EQ(fstat(i, &other), 0);
		CHECK_EQ(other.st_rdev, standard.st_rdev);
	}
	close(fd);
}

TEST("the child leads a session on a new controlling terminal, which is its 0, 1 and 2") {
	in_forkpty_child(look_at_terminal, NULL);
}

static void look_with_nothing_open(void) {
	close(0);
	close(2);
	in_forkpty_child(look_at_terminal, NULL);
}

TEST("so it does in a program whose 0 and 2 are closed") {
	in_child(look_with_nothing_open);
}

static void start_with_all_three_closed(void) {
	int master, pid;
	char text[16];

	for (int i = 0; i < 3; i++)
		close(i);
	pid = hold_forkpty(&master, NULL, NULL);
	if (pid == 0) {
		for (int i = 0; i < 3; i++) {
			if (!isatty(i))
				_exit(1);
		}
		_exit(write(1, "here", 4) == 4 ? 0 : 2);
	}
	if (pid < 0 || master <= 2 || read_all(master, text, sizeof text) != 4)
		_exit(3);
	if (waitpid(pid, &pid, 0) < 0 || pid)
		_exit(4);
	close(master);
}

TEST("in a program whose 0, 1 and 2 are closed the master is above 2") {
	in_child(start_with_all_three_closed);
}

TEST("the parent has the child's pid and the master of its terminal, close-on-exec and above 2") {
	int master = -1, threads = -1, pid = hold_forkpty(&master, &threads, NULL), status;
	char said[64], expected[64];

	if (pid == 0) {
		printf("%d %s", (int)getpid(), ttyname(0));
		fflush(stdout);
		_exit(7);
	}
	CHECK(pid > 0);
	CHECK(master > 2);
	CHECK_EQ(fcntl(master, F_GETFD), FD_CLOEXEC);
	CHECK_EQ(fcntl(master, F_GETFL) & O_NONBLOCK, 0);
	CHECK_EQ(threads, 1);
	snprintf(expected, sizeof expected, "%d %s", pid, ptsname(master));
	read_all(master, said, sizeof said);
	CHECK_STRING(said, expected);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 7);
	close(master);
}

TEST("in the child the master is -1, and no descriptor of the terminal's is left but 0, 1 and 2") {
	int master = 77, before = count_descriptors(), standard = 0, pid;
	char path[64], target[64];
	ssize_t length;

	for (int i = 0; i < 3; i++)
		standard += fcntl(i, F_GETFD) >= 0;
	pid = hold_forkpty(&master, NULL, NULL);
	if (pid == 0) {
		CHECK_EQ(master, -1);
		CHECK_EQ(count_descriptors(), before - standard + 3);
		for (int fd = 3; fd < 1024; fd++) {
			snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
			length = readlink(path, target, sizeof target - 1);
			target[length < 0 ? 0 : length] = 0;
			CHECK(!strstr(target, "ptmx"));
			CHECK(strcmp(target, ttyname(0)) != 0);
		}
		fflush(stdout);
		_exit(0);
	}
	CHECK(pid > 0);
	finish(pid, master);
}

static void say_ready_and_pause(void) {
	signal(SIGINT, SIG_DFL); /* whatever whoever runs the tests ignores */
	signal(SIGHUP, SIG_DFL);
	puts("ready");
	fflush(stdout);
	for (;;)
		pause();
}

TEST("a ^C written to the master interrupts the child") {
	int master, status, pid = fork_for(say_ready_and_pause, &master, NULL);

	await(master, "ready");
	CHECK_EQ(write(master, "\x03", 1), 1);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
	close(master);
}

TEST("closing the master hangs the child up") {
	int master, status, pid = fork_for(say_ready_and_pause, &master, NULL);

	await(master, "ready");
	close(master);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGHUP);
}

static struct winsize wanted_size;

static void look_at_size(void) {
	struct winsize size;

	CHECK_EQ(ioctl(0, TIOCGWINSZ, &size), 0);
	CHECK_EQ(size.ws_row, wanted_size.ws_row);
	CHECK_EQ(size.ws_col, wanted_size.ws_col);
	CHECK_EQ(size.ws_xpixel, wanted_size.ws_xpixel);
	CHECK_EQ(size.ws_ypixel, wanted_size.ws_ypixel);
}

TEST("the terminal has its size before the child's first instruction") {
	const struct hold_terminal terminal = { .size = sizeof terminal, .winsize = { 33, 101, 640, 480 } };
	const struct hold_forkpty_options options = { .size = sizeof options, .terminal = &terminal };

	wanted_size = (struct winsize){ 33, 101, 640, 480 };
	in_forkpty_child(look_at_size, &options);
}

TEST("without one the size is 0 rows by 0 columns") {
	const struct hold_forkpty_options options = { .size = sizeof options };

	in_forkpty_child(look_at_size, NULL);
	in_forkpty_child(look_at_size, &options);
}

static struct termios wanted_modes;

static void look_at_modes(void) {
	struct termios modes;

	CHECK_EQ(tcgetattr(0, &modes), 0);
	CHECK_EQ(modes.c_iflag, wanted_modes.c_iflag);
	CHECK_EQ(modes.c_oflag, wanted_modes.c_oflag);
	CHECK_EQ(modes.c_lflag, wanted_modes.c_lflag);
	CHECK_EQ(modes.c_cc[VINTR], wanted_modes.c_cc[VINTR]);
}

static void get_default_modes(struct termios *modes) {
	int master = posix_openpt(O_RDWR | O_NOCTTY);

	CHECK(master >= 0);
	CHECK_EQ(tcgetattr(master, modes), 0);
	close(master);
}

TEST("the terminal has its modes before the child's first instruction") {
	const struct hold_terminal terminal = { .size = sizeof terminal, .modes = &wanted_modes };
	const struct hold_forkpty_options options = { .size = sizeof options, .terminal = &terminal };

	get_default_modes(&wanted_modes);
	in_forkpty_child(look_at_modes, NULL);
	wanted_modes.c_lflag &= (tcflag_t) ~(ECHO | ICANON);
	wanted_modes.c_oflag &= (tcflag_t)~OPOST;
	wanted_modes.c_cc[VINTR] = 7;
	in_forkpty_child(look_at_modes, &options);
}

static int prepared, parents, children;

static void count_prepare(void) {
	prepared++;
}

static void count_parent(void) {
	parents++;
}

static void count_child(void) {
	children++;
}

static void look_at_handlers(void) {
	CHECK_EQ(prepared, 1);
	CHECK_EQ(parents, 0);
	CHECK_EQ(children, 1);
}

TEST("the C library's at-fork handlers run") {
	CHECK_EQ(pthread_atfork(count_prepare, count_parent, count_child), 0);
	in_forkpty_child(look_at_handlers, NULL);
	CHECK_EQ(prepared, 1);
	CHECK_EQ(parents, 1);
	CHECK_EQ(children, 0);
}

/* A thread that lives until release_thread is called. */
static int gate[2];

static void *stay(void *unused) {
	char byte;

	CHECK_EQ(read(gate[0], &byte, 1), 0);
	return unused;
}

static pthread_t add_thread(void) {
	pthread_t thread;

	CHECK_EQ(pipe2(gate, O_CLOEXEC), 0);
	CHECK_EQ(pthread_create(&thread, NULL, stay, NULL), 0);
	return thread;
}

static void release_thread(pthread_t thread) {
	close(gate[1]);
	CHECK_EQ(pthread_join(thread, NULL), 0);
	close(gate[0]);
}

static int warned, warned_of;
static int answer;

static int warn(void *context, int threads) {
	siginfo_t info;

	CHECK(context == &answer);
	warned++;
	warned_of = threads;
	CHECK_EQ(waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT), -1);
	CHECK_EQ(errno, ECHILD); /* the child does not exist yet */
	return answer;
}

static const struct hold_forkpty_options warning = { .size = sizeof warning, .warn = warn, .warn_context = &answer };

static void check_counted(int expected) {
	int master, threads = -1, pid = hold_forkpty(&master, &threads, &warning);

	if (pid == 0)
		_exit(threads == expected ? 0 : 1);
	CHECK(pid > 0);
	CHECK_EQ(threads, expected);
	finish(pid, master);
}

TEST("a process with one thread is counted as such and not warned of, whatever it is called") {
	static const char *const names[] = { "plain", "two more words", "a ) b ( 3 4 5 6", ") R 1 2 3 4",
					     "(((",   "9 9 9 9 9 9 9 9" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		CHECK_EQ(prctl(PR_SET_NAME, names[i]), 0);
		check_counted(1);
	}
	CHECK_EQ(warned, 0);
}

static void count_at_high_niceness(void) {
	if (getpriority(PRIO_PROCESS, 0) < 5)
		CHECK_EQ(setpriority(PRIO_PROCESS, 0, 5), 0);
	CHECK_EQ(prctl(PR_SET_NAME, "one space"), 0); /* this moves a naive count to the niceness */
	check_counted(1);
	CHECK_EQ(warned, 0);
}

TEST("a niceness is not taken for a number of threads") {
	in_child(count_at_high_niceness);
}

TEST("with more than one thread the warning is given, once, with their number, before the child exists") {
	pthread_t thread = add_thread();

	CHECK_EQ(prctl(PR_SET_NAME, "x) R 1 (y"), 0);
	check_counted(2);
	CHECK_EQ(warned, 1);
	CHECK_EQ(warned_of, 2);
	release_thread(thread);
}

TEST("a warning that forbids leaves nothing behind") {
	pthread_t thread = add_thread();
	int master = 77, threads = 77, before = count_descriptors();

	answer = -EDEADLK;
	CHECK_EQ(pthread_atfork(count_prepare, count_parent, count_child), 0);
	CHECK_EQ(hold_forkpty(&master, &threads, &warning), -EDEADLK);
	CHECK_EQ(warned, 1);
	CHECK_EQ(prepared, 0);
	CHECK_EQ(master, 77);
	CHECK_EQ(threads, 77);
	CHECK_EQ(count_descriptors(), before);
	release_thread(thread);
}

TEST("with more than one thread and nobody to warn the fork goes on") {
	pthread_t thread = add_thread();
	int master, threads = 0, pid = hold_forkpty(&master, &threads, NULL);

	if (pid == 0)
		_exit(0);
	CHECK(pid > 0);
	CHECK_EQ(threads, 2);
	finish(pid, master);
	release_thread(thread);
}

static int order, hooked_at, warned_at;

static int note_hook(void *forbids, const struct hold_event *event) {
	CHECK_STRING(event->name, "os.forkpty");
	hooked_at = ++order;
	return *(const int *)forbids;
}

static int note_warning(void *unused, int threads) {
	(void)unused, (void)threads;
	warned_at = ++order;
	return -EDEADLK;
}

TEST("audit hooks are told before the warning, which what they forbid does not need") {
	const struct hold_forkpty_options options = { .size = sizeof options, .warn = note_warning };
	pthread_t thread = add_thread();
	static int verdict;
	int master;

	CHECK_EQ(hold_audit_add(note_hook, &verdict), 0);
	CHECK_EQ(hold_forkpty(&master, NULL, &options), -EDEADLK);
	CHECK_EQ(hooked_at, 1);
	CHECK_EQ(warned_at, 2);
	verdict = -ECANCELED;
	CHECK_EQ(hold_forkpty(&master, NULL, &options), -ECANCELED);
	CHECK_EQ(warned_at, 2);
	release_thread(thread);
}

enum { FILLED = 100 };

/* No gap below FILLED, so that the limit alone counts. */

static void run_out_of_descriptors(void) {
	int failures = 0, master = 77, pid = -EMFILE, before;

	fill_descriptors(FILLED);
	before = count_descriptors();
	for (int room = 0; room < 10 && pid == -EMFILE; room++) {
		limit_descriptors(FILLED + room);
		pid = hold_forkpty(&master, NULL, NULL);
		if (pid == 0)
			_exit(0);
		limit_descriptors(FILLED + 10);
		if (pid > 0) {
			finish(pid, master);
			break;
		}
		CHECK_EQ(pid, -EMFILE);
		CHECK_EQ(master, 77);
		CHECK_EQ(waitpid(-1, NULL, WNOHANG), -1);
		CHECK_EQ(count_descriptors(), before);
		failures++;
	}
	CHECK(pid > 0);
	CHECK(failures >= 2); /* master and subordinate at least */
}

TEST("without enough descriptors it is -EMFILE and nothing is left") {
	in_child(run_out_of_descriptors);
}

static void run_out_of_processes(void) {
	struct rlimit limit = { .rlim_cur = 0, .rlim_max = 0 };
	int master = 77, before;

	become_ordinary();
	CHECK_EQ(setrlimit(RLIMIT_NPROC, &limit), 0);
	before = count_descriptors();
	CHECK_EQ(hold_forkpty(&master, NULL, NULL), -EAGAIN);
	CHECK_EQ(master, 77);
	CHECK_EQ(count_descriptors(), before);
}

TEST("at the limit on processes it is -EAGAIN and nothing is left") {
	in_child(run_out_of_processes);
}

TEST("arguments that make no sense are refused") {
	struct {
		struct hold_forkpty_options options;
		char tail[8];
	} future = { .options = { .size = sizeof future } };
	struct hold_terminal terminal = { .size = 0 };
	int master = 77;

	CHECK_EQ(hold_forkpty(NULL, NULL, NULL), -EINVAL);
	CHECK_EQ(hold_forkpty(&master, NULL, &(struct hold_forkpty_options){ .size = 0 }), -EINVAL);
	CHECK_EQ(hold_forkpty(&master, NULL,
			      &(struct hold_forkpty_options){ .size = sizeof future.options, .terminal = &terminal }),
		 -EINVAL);
	future.tail[7] = 1;
	CHECK_EQ(hold_forkpty(&master, NULL, &future.options), -E2BIG);
	CHECK_EQ(master, 77);
}

static void do_nothing(void) {
}

TEST("options from the past and from the future are taken") {
	struct {
		struct hold_forkpty_options options;
		char tail[8];
	} future = { .options = { .size = sizeof future } };
	const struct hold_terminal terminal = { .size = sizeof(size_t) + sizeof(struct hold_winsize),
						.winsize = { 3, 4, 0, 0 } };
	struct hold_forkpty_options past = { .size = offsetof(struct hold_forkpty_options, warn),
					     .terminal = &terminal,
					     .warn = note_warning };
	pthread_t thread = add_thread();

	in_forkpty_child(do_nothing, &future.options);
	wanted_size = (struct winsize){ .ws_row = 3, .ws_col = 4 };
	in_forkpty_child(look_at_size, &past);
	CHECK_EQ(warned_at, 0); /* it lies beyond the size that was given */
	release_thread(thread);
}

enum { THREADS = 4, FORKS = 8 };

static void *fork_often(void *unused) {
	for (int i = 0; i < FORKS; i++) {
		int master, status, pid = hold_forkpty(&master, NULL, NULL);

		if (pid == 0)
			_exit(isatty(0) ? i : 99);
		CHECK(pid > 0);
		CHECK_EQ(waitpid(pid, &status, 0), pid);
		CHECK_EQ(status, i << 8);
		close(master);
	}
	return unused;
}

TEST("threads fork at the same time, each its own child") {
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		CHECK_EQ(pthread_create(&threads[i], NULL, fork_often, NULL), 0);
	for (int i = 0; i < THREADS; i++)
		CHECK_EQ(pthread_join(threads[i], NULL), 0);
}

TEST("errno is left alone") {
	int master, pid;

	errno = 77;
	pid = hold_forkpty(&master, NULL, NULL);
	if (pid == 0)
		_exit(errno == 77 ? 0 : 1);
	CHECK_EQ(errno, 77);
	CHECK(pid > 0);
	finish(pid, master);
}

CHECK_MAIN
