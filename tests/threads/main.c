/* SPDX-License-Identifier: ISC */
/*
 * threads PROGRAM [--seconds N] [--seed N] [--threads N] [--failing PERCENT] [--until-failing N]
 * prints one line of TAP, and figures. It ends after so many failing starts, or seconds, whichever comes first.
 */
#include "storm.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { THREADS_MAX = 32, STRANGERS = 4, SLACK = 10 /* times the storm's length, for the watchdog */, FDS = 4096 };

struct storm storm = { .seconds = 5, .failing_percent = 30 };

static struct worker workers[THREADS_MAX + STRANGERS];
static int worker_count;

uint64_t next_random(struct worker *w) {
	w->random ^= w->random << 13;
	w->random ^= w->random >> 7;
	w->random ^= w->random << 17;
	return w->random;
}

int below(struct worker *w, int limit) {
	return (int)((next_random(w) >> 33) % (uint64_t)limit);
}

void wrong(const struct worker *w, const char *format, ...) {
	char text[512];
	va_list arguments;

	if (atomic_fetch_add(&storm.wrong, 1) >= MESSAGES_MAX)
		return;
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	printf("# thread %d: %s\n", w->index, text);
}

bool is_right(const struct worker *w, const char *call, long is, long wanted) {
	atomic_fetch_add(&storm.calls, 1);
	if (is == wanted)
		return true;
	wrong(w, "%s: %ld, not %ld", call, is, wanted);
	return false;
}

static void *run_worker(void *worker) {
	struct worker *w = worker;

	while (!atomic_load(&storm.is_over)) {
		if (below(w, 100) < storm.failing_percent)
			act_with_failing_start(w);
		else
			act_with_hold(w);
	}
	w->act = "over";
	return NULL;
}

/* What hangs is told, in async-signal-safe calls. */
static void on_watchdog(int signal) {
	static const char text[] = "# out of time; what the threads are in:\n";

	(void)signal;
	if (write(1, text, sizeof text - 1) < 0)
		_exit(1);
	for (int i = 0; i < worker_count; i++) {
		const char *act = workers[i].act ? workers[i].act : "nothing";

		if (write(1, "# ", 2) < 0 || write(1, act, strlen(act)) < 0 || write(1, "\n", 1) < 0)
			break;
	}
	_exit(1);
}

static void make_file(const char *name, mode_t mode) {
	static const char text[] = "\1\2 no program at all\n";
	char path[128];
	int fd;

	snprintf(path, sizeof path, "%s/%s", storm.directory, name);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd < 0 || write(fd, text, sizeof text - 1) < 0 || close(fd) < 0)
		exit(2);
}

static void make_directory(void) {
	char path[128];

	strcpy(storm.directory, "/tmp/pidhold-threads-XXXXXX");
	if (!mkdtemp(storm.directory))
		exit(2);
	make_file("text", 0644);
	make_file("garbage", 0755);
	snprintf(path, sizeof path, "%s/fifo", storm.directory);
	if (mkfifo(path, 0600) < 0)
		exit(2);
}

static void remove_directory(void) {
	static const char *const names[] = { "/text", "/garbage", "/fifo", "" };
	char path[128];

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		snprintf(path, sizeof path, "%s%s", storm.directory, names[i]);
		if (remove(path) < 0)
			perror(path);
	}
}

/* Each containment that is possible here, and a failing start with it: what a process does once is done then. */
static void try_ways(void) {
	struct worker w = { .random = 88172645463325252u, .index = -1 };
	const char *const argv[] = { storm.program, "0", NULL };
	static const int ways[] = { HOLD_CONTAIN_AUTO,   HOLD_CONTAIN_NONE,  HOLD_CONTAIN_GROUP,
				    HOLD_CONTAIN_KEEPER, HOLD_CONTAIN_PIDNS, HOLD_CONTAIN_CGROUP };

	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		const int contain = ways[i];
		const struct hold_options options = { .size = sizeof options, .argv = argv, .contain = contain };
		struct hold *h;

		if (hold_spawn(&h, &options, NULL) < 0) {
			printf("# containment %s is not to be had here\n", hold_containment_name(contain));
			continue;
		}
		storm.ways[storm.way_count++] = contain;
		hold_release(h);
	}
	hold_fds_reserve();
	for (int i = 0; i < 20; i++)
		act_with_failing_start(&w);
	for (int i = 0; i < 20; i++)
		act_with_hold(&w);
	storm.starts = storm.failing = storm.calls = 0;
}

static void list_descriptors(bool *fds) {
	DIR *directory = opendir("/proc/self/fd");
	struct dirent *entry;

	memset(fds, 0, FDS);
	while (directory && (entry = readdir(directory))) {
		const int fd = atoi(entry->d_name);

		if (entry->d_name[0] != '.' && fd != dirfd(directory) && fd < FDS)
			fds[fd] = true;
	}
	if (directory)
		closedir(directory);
}

static void run_all(int thread_count) {
	static void *(*const strangers[STRANGERS])(void *) = { run_pipes, run_forks, run_posix_spawns, run_ids };
	const int64_t end = hold_after_ms(storm.seconds * INT64_C(1000));
	pthread_t threads[THREADS_MAX + STRANGERS];

	worker_count = thread_count + STRANGERS;
	for (int i = 0; i < worker_count; i++) {
		workers[i].index = i;
		workers[i].random = storm.seed * 0x9E3779B97F4A7C15u + (uint64_t)i * 0xD1B54A32D192ED03u + 1;
		if (pthread_create(&threads[i], NULL, i < thread_count ? run_worker : strangers[i - thread_count],
				   &workers[i]))
			exit(2);
	}
	while (hold_now() < end && (!storm.failing_wanted || atomic_load(&storm.failing) < storm.failing_wanted))
		usleep(20000);
	atomic_store(&storm.is_over, true);
	for (int i = 0; i < worker_count; i++)
		pthread_join(threads[i], NULL);
}

static void check_nothing_is_left(const bool *before) {
	static bool after[FDS];
	const struct worker w = { .index = -1 };
	siginfo_t child = { .si_pid = 0 };

	list_descriptors(after);
	for (int fd = 0; fd < FDS; fd++) {
		if (before[fd] != after[fd])
			wrong(&w, "descriptor %d is %s", fd, after[fd] ? "left open" : "closed");
	}
	if (waitid(P_ALL, 0, &child, WEXITED | WNOHANG | WNOWAIT | __WALL) == 0)
		wrong(&w, "child %d is left", (int)child.si_pid);
}

static void read_options(int argc, char **argv, int *ret_threads) {
	for (int i = 2; i + 1 < argc; i += 2) {
		const long value = atol(argv[i + 1]);

		if (!strcmp(argv[i], "--seconds"))
			storm.seconds = (int)value;
		else if (!strcmp(argv[i], "--seed"))
			storm.seed = (uint64_t)value;
		else if (!strcmp(argv[i], "--threads"))
			*ret_threads = value < THREADS_MAX ? (int)value : THREADS_MAX;
		else if (!strcmp(argv[i], "--failing"))
			storm.failing_percent = (int)value;
		else if (!strcmp(argv[i], "--until-failing"))
			storm.failing_wanted = value;
		else
			exit(2);
	}
}

/* In a process of its own, which a wrong close or free may end. */
static int run_storm(int thread_count) {
	static bool before[FDS];
	bool is_good;

	signal(SIGALRM, on_watchdog);
	alarm((unsigned)storm.seconds * SLACK + 60);
	try_ways();
	list_descriptors(before);
	run_all(thread_count);
	check_nothing_is_left(before);
	is_good = storm.wrong == 0 && storm.starts > 0 && (storm.failing > 0 || !storm.failing_percent);
	if (storm.failing_wanted && storm.failing < storm.failing_wanted)
		printf("# fewer failing starts in this time than the %ld that were wanted\n", storm.failing_wanted);
	printf("# %ld failing starts, %ld other starts, %ld calls, %ld acts of strangers: %ld wrong\n", storm.failing,
	       storm.starts, storm.calls, storm.strangers, storm.wrong);
	return !is_good;
}

/*
 * What a storm leaves has this process as its parent, and would keep the output open. A command whose keeper was killed
 * comes here too, and ends by itself: so what has ended is reaped, and what ends in a moment is not counted.
 */
static int end_what_is_left(void) {
	const int64_t moment = hold_after_ms(2000);
	siginfo_t info = { .si_pid = 0 };
	char path[64], line[32];
	int count = 0, pid;
	FILE *list;

	snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
	while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | __WALL) == 0) {
		if (info.si_pid) {
			info.si_pid = 0;
			continue;
		}
		list = hold_now() < moment ? NULL : fopen(path, "r");
		while (list && fscanf(list, "%31s", line) == 1) {
			pid = atoi(line);
			count += pid > 0 && kill(pid, SIGKILL) == 0;
		}
		if (list)
			fclose(list);
		usleep(10000);
	}
	return count;
}

int main(int argc, char **argv) {
	int thread_count = 8, status = 0, left;
	pid_t pid;

	if (argc < 2)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	storm.program = argv[1];
	storm.seed = (uint64_t)time(NULL) ^ (uint64_t)getpid() << 32;
	read_options(argc, argv, &thread_count);
	printf("# --seed %llu\n", (unsigned long long)storm.seed);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	make_directory();
	fflush(stdout);
	pid = fork();
	if (pid == 0)
		exit(run_storm(thread_count));
	waitpid(pid, &status, 0);
	if (WIFSIGNALED(status))
		printf("# ended by signal %d\n", WTERMSIG(status));
	left = end_what_is_left();
	if (left)
		printf("# signals to processes that were left: %d\n", left);
	remove_directory();
	printf("%s 1 - threads use their holds at random beside strangers: each answer is the model's\n1..1\n",
	       status || left ? "not ok" : "ok");
	return status || left;
}
