/* SPDX-License-Identifier: ISC */
#include "start-many.h"
#include "figures.h"

#include <pidhold.h>

#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static const char *child;

static struct hold *start_hold(void) {
	static const char *const argv[] = { "child", NULL };
	const struct hold_options options = {
		.size = sizeof options, .contain = HOLD_CONTAIN_NONE, .program = child, .argv = argv
	};
	struct hold *h;

	if (hold_spawn(&h, &options, NULL) < 0)
		fail("hold_spawn");
	return h;
}

static pid_t start_posix_spawn(void) {
	char *argv[] = { (char *)(uintptr_t) "child", NULL };
	pid_t pid;

	if (posix_spawn(&pid, child, NULL, NULL, argv, environ) != 0)
		fail("posix_spawn");
	return pid;
}

/* ---- starts per second ---- */

enum { THREADS = 8, SLICES = 10, SLICE_MS = 300 };

static _Atomic int stop;
static bool by_hold;

static void *start_on(void *ret_count) {
	struct hold *h;

	while (!stop) {
		if (by_hold) {
			h = start_hold();
			hold_wait(h, HOLD_FOREVER, NULL);
			hold_release(h);
		} else {
			waitpid(start_posix_spawn(), NULL, 0);
		}
		++*(long *)ret_count;
	}
	return NULL;
}

static int64_t starts_in_slice(bool with_hold) {
	pthread_t threads[THREADS];
	long counts[THREADS] = { 0 }, sum = 0;

	by_hold = with_hold;
	stop = 0;
	for (int i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, start_on, &counts[i]);
	nanosleep(&(struct timespec){ 0, SLICE_MS * 1000000L }, NULL);
	stop = 1;
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		sum += counts[i];
	}
	return sum;
}

void from_eight_threads(const char *path) {
	struct figures ours = { 0 }, theirs = { 0 };

	child = path;
	printf("\nfrom eight threads, %d slices of %d ms each\n", SLICES, SLICE_MS);
	starts_in_slice(true);
	for (int i = 0; i < SLICES; i++) {
		figures_add(&ours, starts_in_slice(true));
		figures_add(&theirs, starts_in_slice(false));
	}
	printf("  %-34s %8.0f a second\n", "hold_spawn", figures_at(&ours, 0.5) * 1000 / SLICE_MS);
	printf("  %-34s %8.0f a second\n", "posix_spawn", figures_at(&theirs, 0.5) * 1000 / SLICE_MS);
	expect_at_least("starts, of posix_spawn's", figures_at(&ours, 0.5) / figures_at(&theirs, 0.5), 1.0);
	figures_clear(&ours);
	figures_clear(&theirs);
}

/* ---- the kernel's memory for each child ---- */

enum { FEW = 200, SPAN = 1000, MOST = 8000 };

/* The kernel's own memory in /proc/meminfo, in KiB. */
static long kernel_kib(void) {
	static const char *const names[] = { "SUnreclaim:", "KernelStack:", "PageTables:", "Percpu:",
					     "SecPageTables:" };
	char line[128], name[64];
	long sum = 0, kib;
	FILE *file = fopen("/proc/meminfo", "re");

	while (file && fgets(line, sizeof line, file)) {
		if (sscanf(line, "%63s %ld", name, &kib) != 2)
			continue;
		for (size_t i = 0; i < sizeof names / sizeof *names; i++)
			sum += strcmp(name, names[i]) == 0 ? kib : 0;
	}
	if (file)
		fclose(file);
	return sum;
}

struct kept {
	struct hold *hold;
	int pidfd;
	pid_t pid;
};

static void keep(struct kept *kept, bool with_hold) {
	if (with_hold) {
		kept->hold = start_hold();
		return;
	}
	kept->pid = start_posix_spawn();
	kept->pidfd = (int)syscall(SYS_pidfd_open, kept->pid, 0);
}

static void end(struct kept *kept) {
	if (kept->hold) {
		hold_signal(kept->hold, SIGKILL);
		hold_wait(kept->hold, HOLD_FOREVER, NULL);
		hold_release(kept->hold);
		return;
	}
	kill(kept->pid, SIGKILL); /* our child, not reaped yet: the number is its own */
	waitpid(kept->pid, NULL, 0);
	close(kept->pidfd);
}

/* KiB a child: of the first SPAN after FEW, since those before fill memory that was allocated already; of the last. */
static void measure_kept(bool with_hold, int most, double *ret_few, double *ret_most) {
	struct kept *kept = calloc((size_t)most, sizeof *kept);
	long first = 0, last = 0;

	if (!kept)
		fail("calloc");
	for (int i = 0; i < most; i++) {
		if (i == FEW)
			first = kernel_kib();
		if (i == FEW + SPAN)
			*ret_few = (double)(kernel_kib() - first) / SPAN;
		if (i == most - SPAN)
			last = kernel_kib();
		keep(&kept[i], with_hold);
	}
	*ret_most = (double)(kernel_kib() - last) / SPAN;
	for (int i = 0; i < most; i++)
		end(&kept[i]);
	free(kept);
}

static int most_children(void) {
	struct rlimit files, processes;
	int most = MOST;

	getrlimit(RLIMIT_NOFILE, &files);
	getrlimit(RLIMIT_NPROC, &processes);
	if (files.rlim_cur < (rlim_t)most + 100)
		most = (int)files.rlim_cur - 100;
	if (processes.rlim_cur < (rlim_t)most + 1000)
		most = (int)processes.rlim_cur - 1000;
	return most;
}

void beside_children(const char *path) {
	const int most = most_children();
	double few, many;

	child = path;
	if (most <= FEW + 2 * SPAN) {
		printf("\nbeside children: not measured, the limits allow %d\n", most);
		return;
	}
	printf("\nmemory of the kernel for one child more, in KiB: beside %d, beside %d\n", FEW, most - SPAN);
	measure_kept(true, most, &few, &many);
	printf("  %-34s %8.1f %8.1f\n", "hold_spawn", few, many);
	expect_at_most("beside many, of that beside few", many / few, 1.10);
	measure_kept(false, most, &few, &many);
	printf("  %-34s %8.1f %8.1f\n", "posix_spawn", few, many);
}
