/* SPDX-License-Identifier: ISC */
/* hold_renice: all threads of a process, its session's autogroup, and what is refused. */
#include "children.h"

#include <sys/resource.h>

enum { THREADS = 4 };

/* Has four threads, each nicer by 1 than the one before it. */
static struct hold *start_threads(uint64_t flags) {
	struct hold_options options = {
		.out = { .kind = HOLD_STDIO_PIPE },
		.flags = flags,
		.on_release = HOLD_ON_RELEASE_KILL,
		.parent_death_signal = SIGKILL, /* should this test fail: it may not be in its group */
	};
	struct hold *h = start_with(ARGV(THREADS_ACTOR, "4"), &options);

	expect(hold_stream(h, 1), "ready\n");
	return h;
}

static int compare(const void *one, const void *other) {
	return *(const int *)one - *(const int *)other;
}

/* What the system says of each thread, in ascending order, as the threads are nicer the later they were made. */
static void read_nicenesses(const struct hold *h, int niceness[THREADS]) {
	struct dirent *entry;
	char path[64];
	DIR *directory;
	int count = 0;

	snprintf(path, sizeof path, "/proc/%d/task", (int)hold_pid(h));
	directory = opendir(path);
	CHECK(directory);
	while ((entry = readdir(directory))) {
		if (entry->d_name[0] == '.')
			continue;
		CHECK(count < THREADS);
		niceness[count++] = getpriority(PRIO_PROCESS, (id_t)atoi(entry->d_name));
	}
	closedir(directory);
	CHECK_EQ(count, THREADS);
	qsort(niceness, THREADS, sizeof *niceness, compare);
}

static void check_nicenesses(const struct hold *h, int first) {
	int niceness[THREADS];

	read_nicenesses(h, niceness);
	for (int i = 0; i < THREADS; i++)
		CHECK_EQ(niceness[i], first + i > 19 ? 19 : first + i);
}

static int own_niceness(void) {
	int niceness = getpriority(PRIO_PROCESS, 0);

	if (niceness > 16)
		SKIP("the niceness is too high already");
	return niceness;
}

TEST("each thread's niceness is added to, whatever it was, and the first thread's is handed out") {
	const int before = own_niceness();
	struct hold *h = start_threads(0);
	int niceness = 77, autogroup = 77;

	check_nicenesses(h, before);
	CHECK_EQ(hold_renice(h, 2, &niceness, &autogroup), 0);
	CHECK_EQ(niceness, before + 2);
	CHECK_EQ(autogroup, HOLD_NO_AUTOGROUP); /* it is in our session */
	check_nicenesses(h, before + 2);
	CHECK_EQ(hold_renice(h, 0, &niceness, NULL), 0);
	CHECK_EQ(niceness, before + 2);
	CHECK_EQ(hold_renice(h, 1, NULL, NULL), 0);
	check_nicenesses(h, before + 3);
	CHECK_EQ(getpriority(PRIO_PROCESS, 0), before);
	hold_release(h);
}

TEST("beyond 19 each thread's niceness is clamped") {
	struct hold *h = start_threads(0);
	int niceness = 77;

	CHECK_EQ(hold_renice(h, 100, &niceness, NULL), 0);
	CHECK_EQ(niceness, 19);
	check_nicenesses(h, 19);
	CHECK_EQ(hold_renice(h, INT32_MAX, &niceness, NULL), 0);
	CHECK_EQ(niceness, 19);
	hold_release(h);
}

TEST("where lowering is allowed each thread's niceness is lowered, to -20 at the least") {
	const int before = own_niceness();
	struct hold *h;
	int niceness = 77;

	if (setpriority(PRIO_PROCESS, 0, -20) < 0)
		SKIP("lowering the niceness is not allowed to this user");
	CHECK_EQ(setpriority(PRIO_PROCESS, 0, before), 0);
	h = start_threads(0);
	CHECK_EQ(hold_renice(h, -2, &niceness, NULL), 0);
	CHECK_EQ(niceness, before - 2);
	check_nicenesses(h, before - 2);
	CHECK_EQ(hold_renice(h, INT32_MIN, &niceness, NULL), 0);
	CHECK_EQ(niceness, -20);
	for (int i = 0, all[THREADS]; i < THREADS; i++) {
		read_nicenesses(h, all);
		CHECK_EQ(all[i], -20);
	}
	hold_release(h);
}

static void lower_without_right(void) {
	const struct rlimit none = { .rlim_cur = 0, .rlim_max = 0 };
	const int before = own_niceness();
	struct hold *h;
	int niceness = 77, autogroup = 77;

	become_ordinary();
	CHECK_EQ(setrlimit(RLIMIT_NICE, &none), 0);
	if (setpriority(PRIO_PROCESS, 0, before - 1) == 0)
		SKIP("lowering the niceness is allowed to every user here");
	h = start_threads(0);
	CHECK_EQ(hold_renice(h, -1, &niceness, &autogroup), -EPERM);
	CHECK_EQ(niceness, 77);
	CHECK_EQ(autogroup, 77);
	check_nicenesses(h, before);
	CHECK_EQ(hold_renice(h, 1, &niceness, NULL), 0);
	CHECK_EQ(niceness, before + 1);
	hold_release(h);
}

TEST("lowering without the right to is -EPERM, and changes nothing") {
	in_child(lower_without_right);
}

static void change_anothers(void) {
	struct hold *h;
	int niceness = 77, before;

	if (geteuid() != 0)
		SKIP("no process of another user can be started by this one");
	h = start_threads(0);
	before = getpriority(PRIO_PROCESS, (id_t)hold_pid(h));
	become_ordinary();
	CHECK_EQ(hold_renice(h, 1, &niceness, NULL), -EPERM);
	CHECK_EQ(niceness, 77);
	check_nicenesses(h, before);
	_exit(0); /* which ends it, as we may not */
}

TEST("the niceness of another user's process is -EPERM, and stays as it was") {
	in_child(change_anothers);
}

/* The niceness of the autogroup of a process's session, as the system tells; HOLD_NO_AUTOGROUP without one. */
static int autogroup_of(const struct hold *h) {
	char path[64], text[128] = "";
	const char *nice;
	int fd;

	snprintf(path, sizeof path, "/proc/%d/autogroup", (int)hold_pid(h));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return HOLD_NO_AUTOGROUP;
	read_all(fd, text, sizeof text);
	close(fd);
	nice = strstr(text, "nice ");
	return nice ? atoi(nice + 5) : HOLD_NO_AUTOGROUP;
}

TEST("of one that leads its session the session's niceness is changed too, and what came of it handed out") {
	struct hold *h = start_threads(HOLD_NEW_SESSION);
	const int before = autogroup_of(h);
	int niceness, autogroup = before;

	/* The kernel takes one such change in 100 ms from all those together who are not root: others may be first. */
	for (int i = 0; i < 200 && autogroup == before; i++) {
		CHECK_EQ(hold_renice(h, 1, &niceness, &autogroup), 0);
		CHECK_EQ(niceness, getpriority(PRIO_PROCESS, (id_t)hold_pid(h)));
		CHECK_EQ(autogroup, autogroup_of(h));
		if (before == HOLD_NO_AUTOGROUP)
			break;
		if (autogroup == before)
			poll(NULL, 0, 50);
	}
	CHECK_EQ(autogroup, before == HOLD_NO_AUTOGROUP ? before : before + 1);
	hold_release(h);
}

TEST("of one that does not lead its session the session's niceness stays as it was") {
	struct hold_options options = { .out = { .kind = HOLD_STDIO_PIPE },
					.flags = HOLD_NEW_SESSION,
					.on_release = HOLD_ON_RELEASE_KILL,
					.parent_death_signal = SIGKILL };
	struct hold *leader = start_with(SHELL("sleep 60 & echo $!; wait"), &options), *member;
	const int before = autogroup_of(leader);
	int autogroup = 77;
	char text[16];

	CHECK(read(hold_stream(leader, 1), text, sizeof text) > 0);
	if (hold_adopt(&member, atoi(text)) < 0)
		SKIP("no process descriptors on this system");
	CHECK_EQ(hold_renice(member, 1, NULL, &autogroup), 0);
	CHECK_EQ(autogroup, HOLD_NO_AUTOGROUP);
	CHECK_EQ(autogroup_of(leader), before);
	CHECK_EQ(hold_signal(member, SIGKILL), 0);
	check_status(leader, HOLD_HOW_EXITED, 0);
	hold_release(member);
	hold_release(leader);
}

TEST("an adopted process's niceness is changed as that of a child") {
	const int before = own_niceness(), pid = fork_sleeper();
	struct hold *h;
	int niceness = 77;

	if (hold_adopt(&h, pid) < 0) {
		end_sleeper(pid);
		SKIP("no process descriptors on this system");
	}
	CHECK_EQ(hold_renice(h, 2, &niceness, NULL), 0);
	CHECK_EQ(niceness, before + 2);
	CHECK_EQ(getpriority(PRIO_PROCESS, (id_t)pid), before + 2);
	CHECK_EQ(getpriority(PRIO_PROCESS, 0), before);
	end_sleeper(pid);
	CHECK_EQ(hold_renice(h, 2, &niceness, NULL), HOLD_GONE);
	hold_release(h);
}

TEST("of one that was waited for the niceness is HOLD_GONE, and nothing is handed out") {
	struct hold *h = start(SHELL("exit 0"));
	int niceness = 77, autogroup = 77;

	check_status(h, HOLD_HOW_EXITED, 0);
	CHECK_EQ(hold_renice(h, 1, &niceness, &autogroup), HOLD_GONE);
	CHECK_EQ(niceness, 77);
	CHECK_EQ(autogroup, 77);
	hold_release(h);
}

static struct hold *shared;

static void renice_in_child(void) {
	CHECK_EQ(hold_renice(shared, 1, NULL, NULL), -ECHILD);
}

TEST("no hold is -EINVAL, one of the forking process's is -ECHILD, and errno is left alone") {
	const int before = own_niceness();

	CHECK_EQ(hold_renice(NULL, 1, NULL, NULL), -EINVAL);
	shared = start_threads(0);
	in_child(renice_in_child);
	check_nicenesses(shared, before);
	errno = 77;
	CHECK_EQ(hold_renice(shared, 1, NULL, NULL), 0);
	CHECK_EQ(errno, 77);
	CHECK_EQ(hold_signal(shared, SIGKILL), 0);
	check_status(shared, HOLD_HOW_SIGNALLED, SIGKILL);
	errno = 77;
	CHECK_EQ(hold_renice(shared, 1, NULL, NULL), HOLD_GONE);
	CHECK_EQ(errno, 77);
	hold_release(shared);
}

CHECK_MAIN
