/* SPDX-License-Identifier: ISC */
#include "reserved.h"
#include "../check.h"

#include <fcntl.h>

int find_reserved(int numbers[RESERVED_MOST]) {
	char path[64], target[64];
	int count = 0;

	for (int fd = 0; fd < LOW; fd++) {
		ssize_t length;

		snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
		length = readlink(path, target, sizeof target - 1);
		target[length < 0 ? 0 : length] = 0;
		if (strncmp(target, "/memfd:pidhold", 14))
			continue;
		CHECK(count < RESERVED_MOST);
		CHECK_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
		numbers[count++] = fd;
	}
	return count;
}

void close_reserved(void) {
	int numbers[RESERVED_MOST], count = find_reserved(numbers);

	while (count--)
		close(numbers[count]);
}

void fill(int *fds, int count) {
	for (int i = 0; i < count; i++) {
		fds[i] = fcntl(1, F_DUPFD_CLOEXEC, 3);
		CHECK(fds[i] >= 0);
	}
}

void empty(const int *fds, int count) {
	for (int i = 0; i < count; i++)
		close(fds[i]);
}
