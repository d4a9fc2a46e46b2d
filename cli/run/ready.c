/* SPDX-License-Identifier: ISC */
#include "ready.h"
#include "../common/message.h"
#include "events.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { PIECE = 512 };

/* If hold was started with 0, 1 or 2 closed, no descriptor of ours takes their place. */
static bool move_above_stdio(int *fd) {
	const int higher = *fd > STDERR_FILENO ? *fd : fcntl(*fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);

	if (higher != *fd)
		close(*fd);
	*fd = higher;
	return higher >= 0;
}

/* There is room for one more descriptor: the words of --ready-fd are as many as those of --fd. */
bool ready_open(struct run *run) {
	struct run_command_line *line = run->line;
	int ends[2];

	if (!line->ready_fd)
		return true;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return false;
	if (!move_above_stdio(&ends[0]) || !move_above_stdio(&ends[1]) || fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0)
		return false;
	run->ready_reader = ends[0];
	run->ready_writer = ends[1];
	line->passes[line->pass_count++] = (struct hold_pass){ .fd = ends[1], .as = line->ready_fd };
	return true;
}

void ready_close_writer(struct run *run) {
	if (run->ready_writer)
		close(run->ready_writer);
	run->ready_writer = 0;
}

struct pollfd ready_poll(const struct run *run) {
	return (struct pollfd){ .fd = run->ready_reader ? run->ready_reader : -1, .events = POLLIN };
}

static void become_ready(struct run *run) {
	run->is_ready = true;
	events_tell(run->events, "ready", NULL, 0);
	if (run->line->verbose)
		say("'%s' is ready", run->line->command[0]);
	detached_note_ready(run->detached);
}

/* What comes after the first line is read too: no process that writes it waits. false: there is no more now. */
static bool take_some(struct run *run) {
	char bytes[PIECE];
	const ssize_t size = read(run->ready_reader, bytes, sizeof bytes);

	if (size > 0 && !run->is_ready && memchr(bytes, '\n', (size_t)size))
		become_ready(run);
	if (size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR))
		ready_end(run);
	return size > 0;
}

void ready_look(struct run *run, short revents) {
	if (revents && run->ready_reader)
		take_some(run);
}

/* A descendant may write on and on: so no more is taken than what is there now. */
void ready_take_rest(struct run *run) {
	int rest = 0;

	if (!run->ready_reader || ioctl(run->ready_reader, FIONREAD, &rest) < 0)
		return;
	for (; rest > 0 && run->ready_reader && take_some(run); rest -= PIECE)
		;
}

void ready_end(struct run *run) {
	if (run->ready_reader)
		close(run->ready_reader);
	run->ready_reader = 0;
}
