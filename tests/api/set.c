/* SPDX-License-Identifier: ISC */
/* Sets of holds: what is told, once, with which tag; and of what is told nothing. */
#include "children.h"
#include "../start-info.h"

#include <pthread.h>
#include <sys/epoll.h>
#include <sys/stat.h>

static char tags[8];

static struct hold_waitset *new_set(void) {
	struct hold_waitset *set;
	int pidfd = hold_pidfd_open(getpid(), 0);

	if (pidfd < 0)
		SKIP("no process descriptors on this system");
	close(pidfd);
	CHECK_EQ(hold_waitset_new(&set), 0);
	return set;
}

/* One that lives until it is signalled or its hold is released. */
static struct hold *start_sleeper(void) {
	struct hold_options options = { .on_release = HOLD_ON_RELEASE_KILL, .contain = HOLD_CONTAIN_NONE };

	return start_with(ARGV("/bin/sleep", "1000"), &options);
}

static void await_end(const struct hold *h) {
	CHECK_EQ(poll(&(struct pollfd){ .fd = hold_fd(h), .events = POLLIN }, 1, -1), 1);
}

/* One of which the kernel tells already that it has ended. */
static struct hold *start_ended(void) {
	struct hold *h = start(SHELL("exit 3"));

	await_end(h);
	return h;
}

static void check_next(struct hold_waitset *set, const struct hold *wanted, const void *tag) {
	struct hold *found = NULL;
	void *found_tag = NULL;

	CHECK_EQ(hold_waitset_next(set, HOLD_FOREVER, &found, &found_tag), 0);
	CHECK(found == wanted);
	CHECK(found_tag == tag);
}

/* HOLD_PENDING: none has ended. -ENOENT: none is in it. */
static void check_nothing(struct hold_waitset *set, int answer) {
	struct hold *found = (struct hold *)tags;
	void *tag = tags;

	CHECK_EQ(hold_waitset_next(set, HOLD_NOW, &found, &tag), answer);
	CHECK(found == (struct hold *)tags && tag == tags);
}

/* ---- what is told ---- */

TEST("of one that ended is told once, with its tag, and it is in no set any more") {
	struct hold *one = start(SHELL("exit 3")), *other = start_sleeper();
	struct hold_waitset *set = new_set();

	CHECK_EQ(hold_waitset_add(set, other, &tags[1]), 0);
	CHECK_EQ(hold_waitset_add(set, one, &tags[0]), 0);
	check_next(set, one, &tags[0]);
	check_nothing(set, HOLD_PENDING);
	CHECK_EQ(hold_waitset_remove(set, one), -ENOENT);
	check_status(one, HOLD_HOW_EXITED, 3);
	CHECK_EQ(hold_signal(other, SIGKILL), 0);
	check_next(set, other, &tags[1]);
	check_nothing(set, -ENOENT);
	check_status(other, HOLD_HOW_SIGNALLED, SIGKILL);
	hold_release(one);
	hold_release(other);
	hold_waitset_free(set);
}

TEST("one that had ended when it was put in is told of, waited for or not, and as often as it is put in") {
	struct hold *h = start_ended();
	struct hold_waitset *set = new_set();

	for (int i = 0; i < 3; i++) {
		CHECK_EQ(hold_waitset_add(set, h, &tags[i]), 0);
		check_next(set, h, &tags[i]);
		check_nothing(set, -ENOENT);
		check_status(h, HOLD_HOW_EXITED, 3);
	}
	hold_release(h);
	hold_waitset_free(set);
}

TEST("one that is waited for while it is in the set is told of all the same") {
	struct hold *h = start(SHELL("exit 3"));
	struct hold_waitset *set = new_set();

	CHECK_EQ(hold_waitset_add(set, h, &tags[0]), 0);
	check_status(h, HOLD_HOW_EXITED, 3);
	check_next(set, h, &tags[0]);
	hold_release(h);
	hold_waitset_free(set);
}

TEST("whatever the order in which they were put in, the one that ended is told of") {
	static const int order[] = { 4, 1, 3, 0, 2 };
	struct hold *holds[5];
	struct hold_waitset *set = new_set();

	for (int i = 0; i < 5; i++) {
		holds[i] = start_sleeper();
		CHECK_EQ(hold_waitset_add(set, holds[i], &tags[i]), 0);
	}
	for (int i = 0; i < 5; i++) {
		check_nothing(set, HOLD_PENDING);
		CHECK_EQ(hold_signal(holds[order[i]], SIGKILL), 0);
		check_next(set, holds[order[i]], &tags[order[i]]);
		hold_release(holds[order[i]]);
	}
	check_nothing(set, -ENOENT);
	hold_waitset_free(set);
}

TEST("of several that have ended each is told once") {
	struct hold *holds[5], *found;
	struct hold_waitset *set = new_set();
	unsigned told = 0;
	void *tag;

	for (int i = 0; i < 5; i++) {
		holds[i] = start_ended();
		CHECK_EQ(hold_waitset_add(set, holds[i], &tags[i]), 0);
	}
	for (int i = 0; i < 5; i++) {
		CHECK_EQ(hold_waitset_next(set, HOLD_NOW, &found, &tag), 0);
		CHECK(found == holds[(char *)tag - tags]);
		told |= 1u << ((char *)tag - tags);
	}
	CHECK_EQ(told, 31);
	check_nothing(set, -ENOENT);
	for (int i = 0; i < 5; i++)
		hold_release(holds[i]);
	hold_waitset_free(set);
}

TEST("an adopted process is told of when it has ended, and is its parent's to reap") {
	const int pid = fork_sleeper();
	struct hold_waitset *set = new_set();
	struct hold *one, *other;

	CHECK_EQ(hold_adopt(&one, pid), 0);
	CHECK_EQ(hold_adopt(&other, pid), 0); /* a second hold on the same process */
	CHECK_EQ(hold_waitset_add(set, one, &tags[0]), 0);
	CHECK_EQ(hold_waitset_add(set, other, &tags[1]), 0);
	check_nothing(set, HOLD_PENDING);
	CHECK_EQ(hold_signal(one, SIGKILL), 0);
	await_end(one);
	CHECK_EQ(hold_waitset_remove(set, one), 0);
	check_next(set, other, &tags[1]);
	check_nothing(set, -ENOENT);
	end_sleeper(pid);
	hold_release(one);
	hold_release(other);
	hold_waitset_free(set);
}

TEST("a tag may be NULL, and nobody needs to ask for it") {
	struct hold *h = start_ended(), *found;
	struct hold_waitset *set = new_set();

	CHECK_EQ(hold_waitset_add(set, h, NULL), 0);
	check_next(set, h, NULL);
	CHECK_EQ(hold_waitset_add(set, h, &tags[0]), 0);
	CHECK_EQ(hold_waitset_next(set, HOLD_FOREVER, &found, NULL), 0);
	CHECK(found == h);
	hold_release(h);
	hold_waitset_free(set);
}

/* ---- of what is told nothing ---- */

TEST("one that was taken out before it ended, or after, is not told of, and may be put in again") {
	struct hold *ended = start_ended(), *sleeper = start_sleeper();
	struct hold_waitset *set = new_set();

	CHECK_EQ(hold_waitset_add(set, ended, &tags[0]), 0);
	CHECK_EQ(hold_waitset_add(set, sleeper, &tags[1]), 0);
	CHECK_EQ(hold_waitset_remove(set, ended), 0);
	check_nothing(set, HOLD_PENDING);
	CHECK_EQ(hold_waitset_remove(set, sleeper), 0);
	check_nothing(set, -ENOENT);
	CHECK_EQ(hold_signal(sleeper, SIGKILL), 0);
	await_end(sleeper);
	check_nothing(set, -ENOENT);
	CHECK_EQ(hold_waitset_add(set, sleeper, &tags[2]), 0);
	check_next(set, sleeper, &tags[2]);
	hold_release(ended);
	hold_release(sleeper);
	hold_waitset_free(set);
}

TEST("one that was released is not told of, whether it had ended or not") {
	struct hold *stays = start_sleeper(), *ended = start_ended(), *lives = start_sleeper();
	struct hold_waitset *set = new_set();

	CHECK_EQ(hold_waitset_add(set, stays, &tags[0]), 0);
	CHECK_EQ(hold_waitset_add(set, ended, &tags[1]), 0);
	CHECK_EQ(hold_waitset_add(set, lives, &tags[2]), 0);
	hold_release(ended);
	hold_release(lives);
	check_nothing(set, HOLD_PENDING);
	CHECK_EQ(hold_signal(stays, SIGKILL), 0);
	check_next(set, stays, &tags[0]);
	check_nothing(set, -ENOENT);
	hold_release(stays);
	hold_waitset_free(set);
}

/*
 * A start that hangs between the making of the process and the program: it opens two fifos one after the other. Once we
 * have opened the first too, it has copies of our descriptors, and keeps them until we open the second. A start that
 * has a deadline copies them whatever the system can do; this deadline is not met.
 */
struct hanging_start {
	pthread_t thread;
	char first[64], second[64];
	int first_fd;
	struct hold *hold;
};

static void *start_hanging(void *argument) {
	struct hanging_start *hanging = argument;
	struct hold_options options = {
		.in = { HOLD_STDIO_FILE, 0, hanging->first },
		.out = { HOLD_STDIO_FILE, 0, hanging->second },
		.start_deadline = hold_after_ms(INT64_C(3600000)),
		.contain = HOLD_CONTAIN_NONE, /* a keeper gets no copies */
	};

	hanging->hold = start_with(SHELL("exit 4"), &options);
	return NULL;
}

static void begin_hanging(struct hanging_start *hanging, const char *directory) {
	snprintf(hanging->first, sizeof hanging->first, "%s/first", directory);
	snprintf(hanging->second, sizeof hanging->second, "%s/second", directory);
	CHECK_EQ(mkfifo(hanging->first, 0600), 0);
	CHECK_EQ(mkfifo(hanging->second, 0600), 0);
	CHECK_EQ(pthread_create(&hanging->thread, NULL, start_hanging, hanging), 0);
	hanging->first_fd = open(hanging->first, O_WRONLY | O_CLOEXEC);
	CHECK(hanging->first_fd >= 0);
}

static void end_hanging(struct hanging_start *hanging) {
	int fd = open(hanging->second, O_RDONLY | O_CLOEXEC);

	CHECK(fd >= 0);
	CHECK_EQ(pthread_join(hanging->thread, NULL), 0);
	check_status(hanging->hold, HOLD_HOW_EXITED, 4);
	CHECK_EQ(table_of(hanging->hold), HOLD_TABLE_COPIED);
	hold_release(hanging->hold);
	close(fd);
	close(hanging->first_fd);
	CHECK_EQ(unlink(hanging->first), 0);
	CHECK_EQ(unlink(hanging->second), 0);
}

TEST("one that was released is not told of while a start elsewhere has a copy of its descriptor, nor for another") {
	char directory[] = "/tmp/pidhold-set-XXXXXX";
	struct hold *stays = start_sleeper(), *released = start_sleeper(), *next;
	const int number = hold_fd(released);
	struct hold_waitset *set = new_set();
	struct hanging_start hanging;

	CHECK(mkdtemp(directory));
	CHECK_EQ(hold_waitset_add(set, stays, &tags[0]), 0);
	CHECK_EQ(hold_waitset_add(set, released, &tags[1]), 0);
	begin_hanging(&hanging, directory);
	hold_release(released);
	check_nothing(set, HOLD_PENDING);
	next = start_sleeper();
	CHECK_EQ(hold_fd(next), number); /* or else this test tests less than it says */
	CHECK_EQ(hold_waitset_add(set, next, &tags[2]), 0);
	check_nothing(set, HOLD_PENDING);
	CHECK_EQ(hold_signal(next, SIGKILL), 0);
	check_next(set, next, &tags[2]);
	check_nothing(set, HOLD_PENDING);
	end_hanging(&hanging);
	check_nothing(set, HOLD_PENDING);
	hold_waitset_remove(set, stays);
	hold_release(stays);
	hold_release(next);
	hold_waitset_free(set);
	CHECK_EQ(rmdir(directory), 0);
}

TEST("of one that was told and released nothing more is told while a start elsewhere has a copy of its descriptor") {
	char directory[] = "/tmp/pidhold-set-XXXXXX";
	struct hold *stays = start_sleeper(), *told = start_sleeper();
	struct hold_waitset *set = new_set();
	struct hanging_start hanging;

	CHECK(mkdtemp(directory));
	CHECK_EQ(hold_waitset_add(set, stays, &tags[0]), 0);
	CHECK_EQ(hold_waitset_add(set, told, &tags[1]), 0);
	begin_hanging(&hanging, directory);
	CHECK_EQ(hold_signal(told, SIGKILL), 0);
	check_next(set, told, &tags[1]);
	hold_release(told);
	check_nothing(set, HOLD_PENDING);
	end_hanging(&hanging);
	hold_release(stays);
	check_nothing(set, -ENOENT);
	hold_waitset_free(set);
	CHECK_EQ(rmdir(directory), 0);
}

/* ---- deadlines and descriptors ---- */

TEST("a deadline that passes is HOLD_PENDING, and a set in which there is nobody does not wait for it") {
	struct hold *h = start_sleeper(), *found = (struct hold *)tags;
	struct hold_waitset *set = new_set();
	void *tag = tags;
	int64_t deadline;

	CHECK_EQ(hold_waitset_next(set, HOLD_FOREVER, &found, &tag), -ENOENT);
	CHECK_EQ(hold_waitset_add(set, h, &tags[0]), 0);
	CHECK_EQ(hold_waitset_next(set, HOLD_NOW, &found, &tag), HOLD_PENDING);
	CHECK_EQ(hold_waitset_next(set, INT64_MIN, &found, &tag), HOLD_PENDING);
	deadline = hold_after_ms(30);
	CHECK_EQ(hold_waitset_next(set, deadline, &found, &tag), HOLD_PENDING);
	CHECK(hold_now() >= deadline);
	CHECK(found == (struct hold *)tags && tag == tags);
	CHECK_EQ(hold_signal(h, SIGKILL), 0);
	CHECK_EQ(hold_waitset_next(set, hold_after_ms(INT64_C(3600000)), &found, &tag), 0);
	CHECK(found == h && tag == &tags[0]);
	hold_release(h);
	hold_waitset_free(set);
}

static bool is_readable(int fd) {
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	const int result = poll(&poll_fd, 1, 0);

	CHECK(result >= 0);
	return result == 1;
}

TEST("a set's descriptor is close-on-exec and above 2, and readable while one that ended has not been told") {
	struct hold *one = start_sleeper(), *other = start_sleeper();
	struct hold_waitset *set = new_set();
	const int fd = hold_waitset_fd(set);

	CHECK(fd > 2);
	CHECK_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	CHECK(!is_readable(fd));
	CHECK_EQ(hold_waitset_add(set, one, &tags[0]), 0);
	CHECK_EQ(hold_waitset_add(set, other, &tags[1]), 0);
	CHECK(!is_readable(fd));
	CHECK_EQ(hold_signal(one, SIGKILL), 0);
	CHECK_EQ(poll(&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, -1), 1);
	CHECK(is_readable(fd));
	check_next(set, one, &tags[0]);
	CHECK(!is_readable(fd));
	CHECK_EQ(hold_signal(other, SIGKILL), 0);
	await_end(other);
	CHECK(is_readable(fd));
	CHECK_EQ(hold_waitset_remove(set, other), 0);
	CHECK(!is_readable(fd));
	hold_release(one);
	hold_release(other);
	hold_waitset_free(set);
}

TEST("a set's descriptor may be in an epoll set of the program's") {
	struct epoll_event event = { .events = EPOLLIN }, found;
	int outer = epoll_create1(EPOLL_CLOEXEC);
	struct hold *h = start_sleeper();
	struct hold_waitset *set = new_set();

	CHECK(outer >= 0);
	CHECK_EQ(epoll_ctl(outer, EPOLL_CTL_ADD, hold_waitset_fd(set), &event), 0);
	CHECK_EQ(hold_waitset_add(set, h, &tags[0]), 0);
	CHECK_EQ(epoll_wait(outer, &found, 1, 0), 0);
	CHECK_EQ(hold_signal(h, SIGKILL), 0);
	CHECK_EQ(epoll_wait(outer, &found, 1, -1), 1);
	check_next(set, h, &tags[0]);
	CHECK_EQ(epoll_wait(outer, &found, 1, 0), 0);
	hold_release(h);
	hold_waitset_free(set);
	close(outer);
}

static void make_set_without_standard_streams(void) {
	struct hold_waitset *set;

	for (int fd = 0; fd < 3; fd++)
		close(fd);
	set = new_set();
	CHECK(hold_waitset_fd(set) > 2);
	hold_waitset_free(set);
}

TEST("so it is in a program whose 0, 1 and 2 are closed") {
	in_child(make_set_without_standard_streams);
}

static void make_set_without_descriptors(void) {
	struct hold_waitset *set = (struct hold_waitset *)tags;

	limit_descriptors(64);
	fill_descriptors(63);
	CHECK(open("/dev/null", O_RDONLY) >= 0);
	CHECK_EQ(hold_waitset_new(&set), -EMFILE);
	CHECK(set == (struct hold_waitset *)tags);
}

TEST("without a free descriptor there is no set, and that is -EMFILE") {
	in_child(make_set_without_descriptors);
}

/* ---- the end of a set, and misuse ---- */

TEST("freeing a set leaves the holds in it alive, in no set, and ready for another") {
	struct hold *lives = start_sleeper(), *ended = start_ended(), *released = start_sleeper();
	struct hold_waitset *set = new_set(), *other = new_set();

	CHECK_EQ(hold_waitset_add(set, lives, &tags[0]), 0);
	CHECK_EQ(hold_waitset_add(set, ended, &tags[1]), 0);
	CHECK_EQ(hold_waitset_add(set, released, &tags[2]), 0);
	CHECK(!hold_waitset_free(set));
	CHECK_EQ(hold_wait(lives, HOLD_NOW, NULL), HOLD_PENDING);
	CHECK_EQ(hold_waitset_remove(other, lives), -ENOENT);
	CHECK_EQ(hold_waitset_add(other, lives, &tags[3]), 0);
	check_nothing(other, HOLD_PENDING);
	CHECK_EQ(hold_waitset_add(other, ended, &tags[4]), 0);
	check_next(other, ended, &tags[4]);
	hold_release(released);
	CHECK_EQ(hold_signal(lives, SIGKILL), 0);
	check_next(other, lives, &tags[3]);
	hold_release(ended);
	hold_release(lives);
	CHECK(!hold_waitset_free(other));
	CHECK(!hold_waitset_free(NULL));
}

TEST("a hold is in one set at a time, and is taken out of the set that it is in") {
	struct hold *h = start_sleeper();
	struct hold_waitset *set = new_set(), *other = new_set();

	CHECK_EQ(hold_waitset_remove(set, h), -ENOENT);
	CHECK_EQ(hold_waitset_add(set, h, &tags[0]), 0);
	CHECK_EQ(hold_waitset_add(set, h, &tags[1]), -EBUSY);
	CHECK_EQ(hold_waitset_add(other, h, &tags[2]), -EBUSY);
	CHECK_EQ(hold_waitset_remove(other, h), -ENOENT);
	check_nothing(other, -ENOENT);
	CHECK_EQ(hold_signal(h, SIGKILL), 0);
	check_next(set, h, &tags[0]);
	CHECK_EQ(hold_waitset_add(other, h, &tags[2]), 0);
	CHECK_EQ(hold_waitset_remove(set, h), -ENOENT);
	check_next(other, h, &tags[2]);
	hold_release(h);
	hold_waitset_free(set);
	hold_waitset_free(other);
}

TEST("no set, no hold, and no place for what is handed out are -EINVAL") {
	struct hold *h = start_ended(), *found;
	struct hold_waitset *set = new_set();

	CHECK_EQ(hold_waitset_new(NULL), -EINVAL);
	CHECK_EQ(hold_waitset_add(NULL, h, NULL), -EINVAL);
	CHECK_EQ(hold_waitset_add(set, NULL, NULL), -EINVAL);
	CHECK_EQ(hold_waitset_remove(NULL, h), -EINVAL);
	CHECK_EQ(hold_waitset_remove(set, NULL), -EINVAL);
	CHECK_EQ(hold_waitset_next(NULL, HOLD_NOW, &found, NULL), -EINVAL);
	CHECK_EQ(hold_waitset_add(set, h, &tags[0]), 0);
	CHECK_EQ(hold_waitset_next(set, HOLD_NOW, NULL, NULL), -EINVAL);
	CHECK_EQ(hold_waitset_fd(NULL), -EINVAL);
	check_next(set, h, &tags[0]);
	hold_release(h);
	hold_waitset_free(set);
}

/* ---- after fork ---- */

static struct hold_waitset *shared_set;
static struct hold *shared_hold;

static void use_set_in_child(void) {
	struct hold *own = start_sleeper(), *found = NULL;
	struct hold_waitset *own_set = new_set();

	CHECK_EQ(hold_waitset_add(shared_set, own, NULL), -ECHILD);
	CHECK_EQ(hold_waitset_remove(shared_set, own), -ECHILD);
	CHECK_EQ(hold_waitset_next(shared_set, HOLD_NOW, &found, NULL), -ECHILD);
	CHECK_EQ(hold_waitset_fd(shared_set), -ECHILD);
	CHECK_EQ(hold_waitset_add(own_set, shared_hold, NULL), -ECHILD);
	CHECK_EQ(hold_waitset_remove(own_set, shared_hold), -ECHILD);
	CHECK_EQ(hold_waitset_add(own_set, own, &tags[5]), 0);
	CHECK_EQ(hold_signal(own, SIGKILL), 0);
	check_next(own_set, own, &tags[5]);
	hold_release(own);
	hold_waitset_free(own_set);
}

static void free_set_in_child(void) {
	const int before = count_descriptors();

	CHECK(!hold_waitset_free(shared_set));
	CHECK(!hold_release(shared_hold));
	CHECK_EQ(count_descriptors(), before - 2);
}

static void release_and_free_in_child(void) {
	const int before = count_descriptors();

	CHECK(!hold_release(shared_hold));
	CHECK(!hold_waitset_free(shared_set));
	CHECK_EQ(count_descriptors(), before - 2);
}

TEST("in a forked child every function is -ECHILD, free and release close its copies, and the owner's set goes on") {
	shared_set = new_set();
	shared_hold = start_sleeper();
	CHECK_EQ(hold_waitset_add(shared_set, shared_hold, &tags[0]), 0);
	in_child(use_set_in_child);
	in_child(free_set_in_child);
	in_child(release_and_free_in_child);
	check_nothing(shared_set, HOLD_PENDING);
	CHECK_EQ(hold_signal(shared_hold, SIGKILL), 0);
	check_next(shared_set, shared_hold, &tags[0]);
	hold_release(shared_hold);
	hold_waitset_free(shared_set);
}

/* ---- the good guest ---- */

TEST("errno is left alone by every call") {
	struct hold *h = start_ended(), *lives = start_sleeper(), *found;
	struct hold_waitset *set;
	void *tag;

	hold_waitset_free(new_set()); /* or it is skipped */
	KEEPS_ERRNO(hold_waitset_new(&set));
	KEEPS_ERRNO(hold_waitset_next(set, HOLD_NOW, &found, &tag));
	KEEPS_ERRNO(hold_waitset_add(set, h, NULL));
	KEEPS_ERRNO(hold_waitset_add(set, h, NULL));
	KEEPS_ERRNO(hold_waitset_remove(set, h));
	KEEPS_ERRNO(hold_waitset_remove(set, h));
	KEEPS_ERRNO(hold_waitset_add(set, h, NULL));
	KEEPS_ERRNO(hold_waitset_add(set, lives, NULL));
	KEEPS_ERRNO(hold_waitset_next(set, HOLD_FOREVER, &found, &tag));
	KEEPS_ERRNO(hold_waitset_next(set, hold_after_ms(1), &found, &tag));
	KEEPS_ERRNO(hold_waitset_fd(set));
	KEEPS_ERRNO(hold_release(lives));
	KEEPS_ERRNO(hold_waitset_free(set));
	hold_release(h);
}

TEST("a hold whose descriptor somebody closed, while a forked process has a copy, is never told of after its release") {
	struct hold *ended = start(ARGV("true")), *lives = start(ARGV("sleep", "60")), *told;
	struct hold_waitset *set;
	int ends[2], pid, fd;
	char byte;

	check_takes("descriptor");
	CHECK_EQ(hold_waitset_new(&set), 0);
	fd = hold_waitset_fd(set);
	CHECK_EQ(hold_waitset_add(set, lives, NULL), 0);
	CHECK_EQ(hold_waitset_add(set, ended, NULL), 0);
	CHECK(pipe(ends) == 0);
	pid = fork();
	if (pid == 0) { /* which keeps the copies until the pipe closes */
		close(ends[1]);
		_exit(read(ends[0], &byte, 1) != 0);
	}
	close(ends[0]);
	CHECK_EQ(hold_wait(ended, HOLD_FOREVER, NULL), 0);
	close(hold_fd(ended)); /* as a loop over all descriptors does */
	hold_release(ended);
	CHECK_EQ(hold_waitset_next(set, hold_after_ms(50), &told, NULL), HOLD_PENDING);
	CHECK_EQ(hold_waitset_fd(set), fd);
	hold_signal(lives, SIGKILL);
	CHECK_EQ(hold_waitset_next(set, HOLD_FOREVER, &told, NULL), 0);
	CHECK(told == lives);
	hold_release(lives);
	hold_waitset_free(set);
	close(ends[1]);
	CHECK(waitpid(pid, NULL, 0) == pid);
}

CHECK_MAIN
