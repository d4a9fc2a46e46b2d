/* SPDX-License-Identifier: ISC */
#include "background.h"

#include "../run/events.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

/* The most that is tried one after the other, where no directory lists what is open. */
enum { NUMBERS_MOST = 65536 };

struct kept {
	const struct run_command_line *line;
	const int *fds;
	size_t count;
};

static bool is_kept(const struct kept *kept, int fd) {
	for (size_t i = 0; i < kept->count; i++) {
		if (kept->fds[i] == fd)
			return true;
	}
	for (size_t i = 0; i < kept->line->pass_count; i++) {
		if (kept->line->passes[i].fd == fd)
			return true;
	}
	return fd <= STDERR_FILENO || fd == kept->line->lifeline ||
	       (kept->line->events && fd == events_fd_of(kept->line->events));
}

static void close_numbers(const struct kept *kept) {
	struct rlimit limit;
	int most = NUMBERS_MOST;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < (rlim_t)most)
		most = (int)limit.rlim_cur;
	for (int fd = 3; fd < most; fd++) {
		if (!is_kept(kept, fd))
			close(fd);
	}
}

static void close_others(const struct kept *kept) {
	DIR *open = opendir("/dev/fd");
	const struct dirent *entry;

	if (!open) {
		close_numbers(kept);
		return;
	}
	while ((entry = readdir(open))) {
		const int fd = atoi(entry->d_name); /* 0 of what is no number */

		if (fd != dirfd(open) && !is_kept(kept, fd))
			close(fd);
	}
	closedir(open);
}

bool background_enter(const struct run_command_line *line, const int *kept, size_t count) {
	if (setsid() < 0)
		return false;
	close_others(&(struct kept){ line, kept, count });
	return true;
}
