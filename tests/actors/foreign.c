/* SPDX-License-Identifier: ISC */
/*
 * foreign FILE [USER]: set-user-ID root, it makes all its ids root's, so that only root may signal it, ignores SIGTERM,
 * writes its number to FILE, and ends after 100 s. With USER it becomes that user after a second.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv) {
	FILE *file;

	if (argc < 2 || setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0)
		return 1;
	signal(SIGTERM, SIG_IGN);
	file = fopen(argv[1], "w");
	if (!file || fprintf(file, "%d\n", (int)getpid()) < 0 || fclose(file) != 0)
		return 1;
	if (argc > 2) {
		sleep(1);
		if (setresuid((uid_t)atoi(argv[2]), (uid_t)atoi(argv[2]), (uid_t)atoi(argv[2])) < 0)
			return 1;
	}
	sleep(100);
	return 0;
}
