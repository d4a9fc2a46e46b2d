/* SPDX-License-Identifier: ISC */
/* A system that has all that this needs of POSIX (2024) and of the Unix systems before it. */
#include "calls.h"
#include "close-polled.h"
#include "os.h"

#include <stdlib.h>

const int os_last_signal = NSIG - 1;
const char system_closing[] = "poll";

int system_pipe(int pair[2]) {
	CALL_BY_LIBC(int, pipe2(pair, O_CLOEXEC));
}

int system_dup(int from, int to, int flags) {
	CALL_BY_LIBC(int, dup3(from, to, flags));
}

int system_close_from(int first) {
	return close_polled(first);
}

int system_pts_name(int master, char *name, size_t size) {
	const struct call_frame frame = call_begin();
	const int error = ptsname_r(master, name, size);

	call_end(frame, 0);
	return -error;
}

int system_queue_signal(int pid, int signal, int32_t value) {
	CALL_BY_LIBC(int, sigqueue(pid, signal, (union sigval){ .sival_int = value }));
}

long system_rss_kib(long max_rss) {
	return max_rss;
}

int system_first_real_time(void) {
	return SIGRTMIN;
}
