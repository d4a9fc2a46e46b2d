/* SPDX-License-Identifier: ISC */
/* forkpty(3) as it is known, but for its warning: a process with threads is told before the child exists. */
#include <pidhold.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int warn(void *context, int threads) {
	fprintf(stderr, "%s: %d threads, the child may deadlock\n", (const char *)context, threads);
	return 0; /* -EPERM here would forbid the fork */
}

int main(int argc, char **argv) {
	struct hold_forkpty_options options = { .size = sizeof options, .warn = warn, .warn_context = argv[0] };
	char bytes[4096];
	ssize_t n;
	int master, threads, pid, status = 0;

	(void)argc;
	pid = hold_forkpty(&master, &threads, &options);
	if (pid < 0) {
		fprintf(stderr, "cannot fork: %s\n", strerror(-pid));
		return 1;
	}
	if (pid == 0) {
		execlp("tty", "tty", (char *)NULL);
		_exit(127);
	}
	while ((n = read(master, bytes, sizeof bytes)) > 0)
		fwrite(bytes, 1, (size_t)n, stdout);
	waitpid(pid, &status, 0);
	close(master);
	printf("forked from %d thread(s), exit status %d\n", threads, WEXITSTATUS(status));
	return status != 0;
}
