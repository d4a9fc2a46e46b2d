/* SPDX-License-Identifier: ISC */
/*
 * Between clone and exec no lock is waited for: one that another thread of the host holds at that moment would be held
 * for ever in a copy, and for as long as it likes in shared memory. A start that hangs is ended by the alarm.
 *
 *	locks CHILD [STARTS]
 */
#define CHECK_SECONDS 500
#include "../check.h"

#include <pidhold.h>

#include <dlfcn.h>
#include <locale.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

enum { HAMMERS = 64, STARTERS = 4 };

static const char *child;
static int starts = 2000; /* by all threads */
static _Atomic int stop, wrong;
static FILE *file;

static void allocate(void) {
	void *volatile blocks[16];

	for (int i = 0; i < 16; i++)
		blocks[i] = malloc((size_t)1 << i);
	for (int i = 0; i < 16; i++)
		free(blocks[i]);
}

static void use_locale(void) {
	locale_t made = newlocale(LC_ALL_MASK, "C.UTF-8", (locale_t)0);

	setlocale(LC_ALL, "C");
	if (made)
		freelocale(made);
}

static void load(void) {
	void *library = dlopen("libm.so.6", RTLD_NOW | RTLD_LOCAL);

	if (library)
		dlclose(library);
}

static void print(void) {
	fprintf(file, "%d %s\n", 42, "lines");
	fflush(file);
}

static int64_t now_us(void) {
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

/* Each thread one kind of lock: a millisecond of it, a millisecond of rest. */
static void *hammer(void *number) {
	static void (*const kinds[])(void) = { allocate, use_locale, load, print };
	void (*const act)(void) = kinds[(uintptr_t)number % 4];

	while (!stop) {
		const int64_t end = now_us() + 1000;

		do
			act();
		while (now_us() < end);
		nanosleep(&(struct timespec){ 0, 1000000 }, NULL);
	}
	return NULL;
}

/* As the same user, which takes a copy of the memory: there a lock that somebody holds is held for ever. */
static const struct hold_ids *copying(void) {
	static struct hold_ids ids = { .size = sizeof ids, .set = HOLD_IDS_USER };

	ids.user = getuid();
	return &ids;
}

static void start_one(const struct hold_terminal *terminal, bool with_pipes, bool with_copy) {
	const char *argv[] = { "child", NULL };
	const struct hold_stdio stream = { .kind = with_pipes ? HOLD_STDIO_PIPE : HOLD_STDIO_NULL };
	const struct hold_options options = {
		.size = sizeof options,
		.contain = HOLD_CONTAIN_NONE,
		.program = child,
		.argv = argv,
		.terminal = terminal,
		.ids = with_copy ? copying() : NULL,
		.in = terminal ? (struct hold_stdio){ 0 } : stream,
		.out = terminal ? (struct hold_stdio){ 0 } : stream,
	};
	struct hold_status status = { .size = sizeof status };
	struct hold *h;

	if (hold_spawn(&h, &options, NULL) < 0) {
		wrong++;
		return;
	}
	hold_wait(h, HOLD_FOREVER, &status);
	wrong += status.how != HOLD_HOW_EXITED || status.code != 0;
	hold_release(h);
}

static void *start_many(void *unused) {
	const struct hold_terminal terminal = { .size = sizeof terminal };

	(void)unused;
	for (int i = 0; i < starts / STARTERS; i++)
		start_one(i % 3 == 0 ? &terminal : NULL, i % 3 == 1, i % 80 == 0);
	return NULL;
}

TEST("64 threads that allocate, switch locales, load libraries and print never hang a start") {
	pthread_t hammers[HAMMERS], starters[STARTERS];

	file = fopen("/dev/null", "w");
	CHECK(file != NULL);
	for (int i = 0; i < HAMMERS; i++)
		CHECK(pthread_create(&hammers[i], NULL, hammer, (void *)(uintptr_t)i) == 0);
	for (int i = 0; i < STARTERS; i++)
		CHECK(pthread_create(&starters[i], NULL, start_many, NULL) == 0);
	for (int i = 0; i < STARTERS; i++)
		pthread_join(starters[i], NULL);
	stop = 1;
	for (int i = 0; i < HAMMERS; i++)
		pthread_join(hammers[i], NULL);
	fclose(file);
	CHECK_EQ(wrong, 0);
}

int main(int argc, char **argv) {
	if (argc < 2)
		return 2;
	child = argv[1];
	if (argc > 2)
		starts = atoi(argv[2]);
	return check_run("");
}
