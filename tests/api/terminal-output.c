/* SPDX-License-Identifier: ISC */
/*
 * Short commands with output of many sizes, each on a terminal of its own, read as hold_wait's text has it: its end
 * is seen first, and what it wrote is then read until there is no more. Not a byte may be missing.
 */
#ifndef COMMANDS
#define COMMANDS 100 /* the long suite has more */
#endif
#define CHECK_SECONDS 300

#include "children.h"

enum { LARGEST = 20000, ALWAYS_FITS = 2000 /* into the terminal's own buffer, so nobody need read meanwhile */ };

static char text[LARGEST + 1];
static size_t length; /* of what is in it */

/* Once. Returns what read(2) does; its end of file is EIO. */
static ssize_t read_more(int master) {
	ssize_t n = read(master, text + length, sizeof text - length);

	if (n > 0)
		length += (size_t)n;
	CHECK(length <= LARGEST);
	return n;
}

static void read_until_ended(struct hold *h) {
	struct pollfd fds[] = { { .fd = hold_stream(h, 1), .events = POLLIN }, { .fd = hold_fd(h), .events = POLLIN } };

	if (fds[1].fd < 0)
		SKIP("no process descriptors on this system");
	while (poll(fds, 2, -1) > 0 && !fds[1].revents)
		CHECK(read_more(fds[0].fd) > 0 || errno == EIO);
}

/* Until there is nothing more for now. */
static void drain(int master) {
	CHECK_EQ(fcntl(master, F_SETFL, O_RDWR | O_NONBLOCK), 0);
	while (read_more(master) > 0)
		;
	CHECK(errno == EAGAIN || errno == EIO);
}

static void check_output(size_t size, bool read_meanwhile) {
	static const struct hold_terminal terminal = { .size = sizeof terminal };
	struct hold_options options = { .terminal = &terminal };
	char digits[16];
	struct hold *h;

	length = 0;
	snprintf(digits, sizeof digits, "%zu", size);
	h = start_with(ARGV(ACTOR("write-bytes"), digits), &options);
	if (read_meanwhile)
		read_until_ended(h);
	check_status(h, HOLD_HOW_EXITED, 0);
	drain(hold_stream(h, 1));
	CHECK_EQ(length, size);
	for (size_t i = 0; i < size; i++)
		CHECK_EQ(text[i], 'a' + (char)(i % 26));
	hold_release(h);
}

TEST("not a byte of a short command's output is lost on a terminal, read meanwhile or after its end") {
	uint32_t random = 1;

	for (int i = 0; i < COMMANDS; i++) {
		random = random * 1664525 + 1013904223;
		if (i % 4)
			check_output(1 + (random >> 8) % LARGEST, true);
		else
			check_output(1 + (random >> 8) % ALWAYS_FITS, false);
	}
}

CHECK_MAIN
