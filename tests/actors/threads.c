/* SPDX-License-Identifier: ISC */
/* threads COUNT: has so many threads, the second nicer by 1 than the first, the third by 2; says "ready" and stays. */
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

static sem_t is_nicer;

static void *stay(void *by) {
	/* On Linux a niceness is the thread's own. */
	if (setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + (int)(intptr_t)by))
		_exit(1);
	sem_post(&is_nicer);
	for (;;)
		pause();
	return NULL;
}

int main(int argc, char **argv) {
	const int count = argc > 1 ? atoi(argv[1]) : 1;
	pthread_t thread;

	if (sem_init(&is_nicer, 0, 0))
		return 1;
	for (int i = 1; i < count; i++) {
		if (pthread_create(&thread, NULL, stay, (void *)(intptr_t)i))
			return 1;
		sem_wait(&is_nicer);
	}
	if (write(STDOUT_FILENO, "ready\n", 6) != 6)
		return 1;
	for (;;)
		pause();
}
