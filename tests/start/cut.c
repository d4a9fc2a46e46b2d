/* SPDX-License-Identifier: ISC */
/*
 * A child gets the descriptors that were named and no others, while other threads of the host open and close whatever
 * they like: its table is the host's own until the child cuts it (src/os/start/child.c).
 *
 *	cut LIST-DESCRIPTORS [STARTS]
 */
#define CHECK_SECONDS 300
#include "../check.h"
#include "../record-lock.h"
#include "../start-info.h"

#include <pidhold.h>

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>

enum { STARTERS = 8, CHURNERS = 8, HIGH = 700, MOST = 16 };

static const char *actor;
static int starts = 2000; /* by all threads */
static _Atomic int stop, wrong, copied;

struct listed {
	int fd;
	unsigned long inode;
};

static unsigned long inode_of(int fd) {
	struct stat file;

	CHECK(fstat(fd, &file) == 0);
	return (unsigned long)file.st_ino;
}

static int new_file(void) {
	int fd = memfd_create("test", MFD_CLOEXEC);

	CHECK(fd >= 0);
	return fd;
}

static int moved_up(int fd, int lowest) {
	int high = fcntl(fd, F_DUPFD_CLOEXEC, lowest);

	CHECK(high >= lowest);
	close(fd);
	return high;
}

static void *churn(void *seed) {
	unsigned random = (unsigned)(uintptr_t)seed;
	int fds[8] = { -1, -1, -1, -1, -1, -1, -1, -1 };

	while (!stop) {
		int *fd = &fds[rand_r(&random) % 8];

		if (*fd >= 0) {
			close(*fd);
			*fd = -1;
		} else {
			/* Not close-on-exec, on purpose: it would be seen in the child. */
			*fd = rand_r(&random) % 2 ? open("/dev/null", O_WRONLY) : dup(2);
		}
		if (*fd >= 0 && rand_r(&random) % 4 == 0)
			CHECK(write(*fd, "", 0) == 0);
		if (*fd >= 0 && fds[0] >= 0 && *fd != fds[0] && rand_r(&random) % 4 == 0)
			CHECK(dup2(*fd, fds[0]) == fds[0]);
	}
	for (int i = 0; i < 8; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
	}
	return NULL;
}

static int read_list(int fd, struct listed *list) {
	FILE *lines = fdopen(fd, "r");
	int count = 0;

	while (count < MOST && fscanf(lines, "%d %lu", &list[count].fd, &list[count].inode) == 2)
		count++;
	fclose(lines);
	return count;
}

static int compare(const void *one, const void *other) {
	return ((const struct listed *)one)->fd - ((const struct listed *)other)->fd;
}

/* Whether the child saw 0, 1, 2 and `files` at `numbers`, and nothing else. */
static bool is_right(struct listed *list, int count, const unsigned long *files, const int *numbers, int wanted) {
	qsort(list, (size_t)count, sizeof *list, compare);
	if (count != wanted + 3 || list[0].fd != 0 || list[1].fd != 1 || list[2].fd != 2)
		return false;
	for (int i = 0; i < wanted; i++) {
		if (list[i + 3].fd != numbers[i] || list[i + 3].inode != files[i])
			return false;
	}
	return true;
}

struct starter {
	pthread_t thread;
	const struct hold_pass *pass;
	const unsigned long *inodes;
	const int *numbers;
	int count;
	const char *in;
};

static void start_one(const struct starter *starter) {
	const char *argv[] = { "list-descriptors", NULL };
	struct hold_options options = {
		.size = sizeof options,
		.contain = HOLD_CONTAIN_NONE,
		.program = actor,
		.argv = argv,
		.in = { .kind = HOLD_STDIO_NULL },
		.out = { .kind = HOLD_STDIO_PIPE },
		.pass = starter->pass,
		.pass_count = (size_t)starter->count,
	};
	struct listed list[MOST];
	struct hold *h;
	int count;

	if (starter->in)
		options.in = (struct hold_stdio){ .kind = HOLD_STDIO_FILE, .path = starter->in };
	if (hold_spawn(&h, &options, NULL) < 0) {
		wrong++;
		return;
	}
	copied += table_of(h) == HOLD_TABLE_COPIED;
	count = read_list(hold_stream_take(h, 1), list);
	hold_wait(h, HOLD_FOREVER, NULL);
	hold_release(h);
	if (!is_right(list, count, starter->inodes, starter->numbers, starter->count)) {
		wrong++;
		for (int i = 0; i < count; i++)
			printf("# %d %lu\n", list[i].fd, list[i].inode);
	}
}

static void *start_many(void *starter) {
	for (int i = 0; i < starts / STARTERS; i++)
		start_one(starter);
	return NULL;
}

static bool table_is_shared(void) {
	struct hold_cap cap = { .size = sizeof cap };

	for (size_t i = 0; hold_caps(i, &cap) == 0; i++) {
		if (!strcmp(cap.name, "table"))
			return cap.supported;
	}
	return false;
}

static void start_beside_churn(const struct hold_pass *pass, const unsigned long *inodes, const int *numbers, int count,
			       const char *in) {
	struct starter starters[STARTERS];
	pthread_t churners[CHURNERS];

	start_one(&(struct starter){ 0, pass, inodes, numbers, count, in }); /* finds out that memory is shared */
	stop = wrong = copied = 0;
	for (int i = 0; i < CHURNERS; i++)
		CHECK(pthread_create(&churners[i], NULL, churn, (void *)(uintptr_t)(i + 1)) == 0);
	for (int i = 0; i < STARTERS; i++) {
		starters[i] = (struct starter){ 0, pass, inodes, numbers, count, in };
		CHECK(pthread_create(&starters[i].thread, NULL, start_many, &starters[i]) == 0);
	}
	for (int i = 0; i < STARTERS; i++)
		pthread_join(starters[i].thread, NULL);
	stop = 1;
	for (int i = 0; i < CHURNERS; i++)
		pthread_join(churners[i], NULL);
	CHECK_EQ(wrong, 0);
	if (table_is_shared())
		CHECK_EQ(copied, 0);
}

/* Descriptors of the library's own (hold_fds_reserve) stay: they are taken before the harness counts. */
static void begin(void) {
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur < 2 * HIGH)
		SKIP("fewer than 1,400 descriptors are allowed");
}

TEST("children of threads get what was named, with gaps between, beside threads that open and close") {
	int files[] = { new_file(), new_file() }, numbers[] = { 5, 9 };
	const unsigned long inodes[] = { inode_of(files[0]), inode_of(files[1]) };
	const struct hold_pass pass[] = { { files[0], 5 }, { files[1], 9 } };

	begin();
	start_beside_churn(pass, inodes, numbers, 2, NULL);
	close(files[0]);
	close(files[1]);
}

TEST("the same from high numbers to low ones and swapped low ones") {
	int files[] = { moved_up(new_file(), HIGH), moved_up(new_file(), 20), moved_up(new_file(), 30) };
	int numbers[] = { 4, 20, 30 };
	const unsigned long inodes[] = { inode_of(files[0]), inode_of(files[2]), inode_of(files[1]) };
	const struct hold_pass pass[] = { { files[0], 4 }, { files[1], 30 }, { files[2], 20 } };

	begin();
	start_beside_churn(pass, inodes, numbers, 3, NULL);
	for (int i = 0; i < 3; i++)
		close(files[i]);
}

TEST("the host's record locks stand on files that pass, and on one that is a child's standard input by its path") {
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char path[] = "/tmp/pidhold-lock-XXXXXX";
	int fd = mkstemp(path), high, numbers[] = { 7 };
	unsigned long inodes[1];
	struct hold_pass pass[1];

	begin();
	CHECK(fd >= 0);
	high = moved_up(fd, HIGH);
	CHECK(fcntl(high, F_SETLK, &lock) == 0);
	CHECK(is_locked(path));
	inodes[0] = inode_of(high);
	pass[0] = (struct hold_pass){ high, 7 };
	starts /= 4;
	start_beside_churn(pass, inodes, numbers, 1, path);
	CHECK(is_locked(path));
	unlink(path);
	close(high);
}

int main(int argc, char **argv) {
	if (argc < 2)
		return 2;
	actor = argv[1];
	if (argc > 2)
		starts = atoi(argv[2]);
	/* What is taken once in a process is taken now: the harness compares descriptors before and after each test. */
	hold_fds_reserve();
	return check_run("");
}
