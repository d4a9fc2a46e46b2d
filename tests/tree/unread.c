/* SPDX-License-Identifier: ISC */
/* An owner that reads nothing of what its keeper says, for longer than anything in a keeper takes. */
#include "kept.h"

#include "os/start/keeper.h"

#include <sys/socket.h>
#include <sys/syscall.h>

enum { UNREAD_MS = 7000 };

/* The keeper's end of the socket, whose number is its argument. */
static int socket_of(const struct hold *h) {
	struct hold_description now = { .size = sizeof now };
	char path[64], words[64] = "";
	int fd, pidfd;

	CHECK_EQ(hold_describe(h, &now), 0);
	snprintf(path, sizeof path, "/proc/%d/cmdline", (int)now.parent);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	CHECK(fd >= 0 && read(fd, words, sizeof words - 1) > 0);
	close(fd);
	pidfd = hold_pidfd_open(now.parent, 0);
	CHECK(pidfd >= 0);
	fd = (int)syscall(SYS_pidfd_getfd, pidfd, atoi(words + strlen(words) + 1), 0);
	if (fd < 0)
		SKIP("no descriptor of another process is to be had here");
	close(pidfd);
	return fd;
}

/* Until there is no room for a word more. */
static void fill_socket(int socket) {
	const struct keeper_message message = { .word = KEEPER_SAYS_CONTINUED };
	const int smallest = 1;
	int count = 0;

	CHECK_EQ(setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &smallest, sizeof smallest), 0);
	while (send(socket, &message, sizeof message, MSG_DONTWAIT) == (ssize_t)sizeof message)
		count++;
	CHECK_EQ(errno, EAGAIN);
	CHECK(count > 0);
	close(socket);
}

static struct tree start_unread(void) {
	struct tree tree = start_tree("read line; exit 9", (struct hold_options){ .in = { .kind = HOLD_STDIO_PIPE },
										  .on_release = HOLD_ON_RELEASE_KILL });

	fill_socket(socket_of(tree.hold));
	close(hold_stream_take(tree.hold, 0));
	check_empty(tree.end);
	return tree;
}

TEST("the status, and that nobody is left, are told to a caller that reads as late as it likes") {
	struct tree tree;

	need_containment();
	tree = start_unread();
	CHECK(!is_empty(hold_tree_fd(tree.hold), UNREAD_MS));
	check_status(tree.hold, HOLD_HOW_EXITED, 9);
	CHECK_EQ(hold_tree_wait(tree.hold, hold_after_ms(15000)), 0);
	hold_release(tree.hold);
}

TEST("a release of a hold ends the keeper, which was not listened to") {
	struct tree tree;

	need_containment();
	tree = start_unread();
	hold_release(tree.hold);
}

CHECK_MAIN
