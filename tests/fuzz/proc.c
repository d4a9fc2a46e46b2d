/* SPDX-License-Identifier: ISC */
/*
 * Texts of /proc and of control groups: every file that is opened has the input in it. No call goes to the kernel, by
 * which any process could be meant.
 */
#include "fuzz.h"

#include "os/calls.h"
#include "os/cgroup-v2.h"
#include "os/os.h"
#include "os/procfs.h"

#include <stdbool.h>
#include <sys/syscall.h>

enum { FILE_FD = 1000 };

static const uint8_t *content;
static size_t content_size, content_at, step;

long __wrap_os_syscall(long number, long a, long b, long c, long d, long e, long f);

long __wrap_os_syscall(long number, long a, long b, long c, long d, long e, long f) {
	size_t size = (size_t)c;

	(void)a, (void)d, (void)e, (void)f;
	switch (number) {
	case SYS_openat:
		content_at = 0;
		return FILE_FD;
	case SYS_read:
		size = size < step ? size : step;
		size = size < content_size - content_at ? size : content_size - content_at;
		if (size)
			memcpy((void *)(uintptr_t)b, content + content_at, size);
		content_at += size;
		return (long)size;
	case SYS_close:
	case SYS_ppoll:
		return 0;
	default:
		return -ENOSYS;
	}
}

static int take_line(void *context, char *line) {
	*(size_t *)context += strlen(line);
	return 0;
}

/* The first byte says how much a read gives at most. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
	struct os_description description;
	struct procfs_stat stat;
	size_t length = 0;
	int empty;

	if (!size)
		return 0;
	step = bytes[0] ? bytes[0] : 4096;
	content = bytes + 1;
	content_size = size - 1;
	procfs_stat(1, &stat);
	memset(&description, 1, sizeof description);
	if (os_describe(FILE_FD, 1, &description) == 0)
		MUST(memchr(description.command, 0, sizeof description.command));
	procfs_each_line("/proc/self/mountinfo", take_line, &length);
	MUST(length <= size);
	empty = cgroup_is_empty(FILE_FD);
	MUST(empty <= 1);
	cgroup_count(FILE_FD);
	cgroup_kill_rest(FILE_FD);
	return 0;
}
