/* SPDX-License-Identifier: ISC */
/* Looks at processes by /proc, without the library: the judge must not trust what it judges. */
#include "inject.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int64_t now_ms(void) {
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static size_t read_file(const char *path, char *text, size_t size) {
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? 0 : read(fd, text, size - 1);

	if (fd >= 0)
		close(fd);
	length = length < 0 ? 0 : length;
	text[length] = 0;
	return (size_t)length;
}

/* Its name, and its state; '\0' if there is no such process. */
static char look_state(pid_t pid, char *name, size_t size) {
	char path[64], text[512], *end, *begin;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	if (!read_file(path, text, sizeof text))
		return 0;
	begin = strchr(text, '(');
	end = strrchr(text, ')');
	if (!begin || !end || !end[1])
		return 0;
	*end = 0;
	snprintf(name, size, "%s", begin + 1);
	return end[2];
}

bool look_is_running(pid_t pid) {
	char name[64];
	const char state = look_state(pid, name, sizeof name);

	return state && state != 'Z' && state != 'X';
}

bool look_is_asleep(pid_t pid) {
	char name[64];

	return look_state(pid, name, sizeof name) == 'S';
}

void look_describe(pid_t pid, char *text, size_t size) {
	char name[64] = "?";
	const char state = look_state(pid, name, sizeof name);

	snprintf(text, size, "%s(%c)", name, state ? state : '-');
}

size_t look_descendants(pid_t *pids, size_t room) {
	char path[64], text[4096];
	size_t count = 0, done = 0;
	pid_t parent = getpid();

	for (;;) {
		snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)parent, (int)parent);
		read_file(path, text, sizeof text);
		for (char *word = strtok(text, " "); word && count < room; word = strtok(NULL, " "))
			pids[count++] = (pid_t)atol(word);
		if (done == count)
			return count;
		parent = pids[done++];
	}
}
