/* SPDX-License-Identifier: ISC */
/* Processes on a terminal of their own: what they see, what reaches them through it, and our end of it. */
#include "seen.h"

#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <termios.h>

enum { OTHER_USER = 65534, DEVPTS = 0x1cd1 };

static const struct hold_terminal plain = { .size = sizeof plain };

static struct hold *start_on_terminal(const char *const *argv) {
	return start_with(argv, &(struct hold_options){ .terminal = &plain });
}

static int master_of(const struct hold *h) {
	return hold_stream(h, HOLD_TERMINAL);
}

TEST("the process leads a session whose controlling terminal is its 0, 1 and 2, and is in the foreground there") {
	struct hold_options options = { .terminal = &plain };
	char device[PATH_MAX];
	struct seen seen;
	int pid;

	observe(&options, &seen);
	pid = number_of(&seen, "pid");
	CHECK_EQ(number_of(&seen, "sid"), pid);
	CHECK_EQ(number_of(&seen, "pgid"), pid);
	CHECK_EQ(number_of(&seen, "tpgid"), pid);
	CHECK_STRING(value_of(&seen, "dev-tty"), "open");
	snprintf(device, sizeof device, "%s", value_of(&seen, "tty 0"));
	CHECK(!strncmp(device, "/dev/pts/", 9));
	CHECK_STRING(value_of(&seen, "tty 1"), device);
	CHECK_STRING(value_of(&seen, "tty 2"), device);
	check_descriptors(&seen, "0 1 2 ");
}

TEST("the terminal has another number than the caller's, and its name is that of our master") {
	struct hold *h = start_on_terminal(ARGV("tty"));
	char said[64], wanted[64];

	snprintf(wanted, sizeof wanted, "%s\r\n", ptsname(master_of(h)));
	read_all(master_of(h), said, sizeof said);
	CHECK_STRING(said, wanted);
	check_status(h, HOLD_HOW_EXITED, 0);
	hold_release(h);
}

/* NULL: a terminal can be given to another user here. */
static const char *why_no_other_user(void) {
	struct statfs system;

	if (geteuid() != 0)
		return "only root may become another user";
	if (statfs("/dev/pts", &system) < 0 || system.f_type != DEVPTS)
		return "no devpts";
	return NULL;
}

TEST("the terminal of a process of another user is that user's, who can open it by its path") {
	const struct hold_ids ids = { .size = sizeof ids,
				      .set = HOLD_IDS_USER | HOLD_IDS_GROUP | HOLD_IDS_GROUPS,
				      .user = OTHER_USER,
				      .group = OTHER_USER };
	struct hold *h;
	struct stat file;
	char said[64];

	if (why_no_other_user())
		SKIP(why_no_other_user());
	h = start_with(ARGV("/bin/sh", "-c", "echo a >/dev/stdout && echo b >$(tty) && echo c >/dev/tty; read x"),
		       &(struct hold_options){ .terminal = &plain, .ids = &ids });
	CHECK_EQ(stat(ptsname(master_of(h)), &file), 0);
	CHECK_EQ(file.st_uid, OTHER_USER);
	CHECK_EQ(write(master_of(h), "\n", 1), 1);
	read_all(master_of(h), said, sizeof said);
	CHECK(strstr(said, "a\r\n") && strstr(said, "b\r\n") && strstr(said, "c\r\n"));
	hold_release(h);
}

TEST("a terminal without given modes erases whole characters, as UTF-8 has them") {
	struct hold *h = start_on_terminal(ARGV("sleep", "100"));
	struct termios modes;

	CHECK_EQ(tcgetattr(master_of(h), &modes), 0);
	CHECK(modes.c_iflag & IUTF8);
	hold_release(h);
}

static int becomes_read(struct hold *h, int wanted) {
	int result = -1;

	for (int i = 0; i < 1000 && result != wanted; i++) {
		result = hold_terminal_is_read(h);
		poll(NULL, 0, 10);
	}
	return result;
}

TEST("a terminal is read by a program of its foreground that waits for input, by read, select, poll or epoll") {
	static const char *const waits[] = {
		"read a; echo got", "exec cat >/dev/null",
		"exec python3 -c 'import select; select.select([0], [], []); print(input())'",
		"exec python3 -c 'import select; p = select.poll(); p.register(0, 1); p.poll(); print(input())'",
		"exec python3 -c 'import select; p = select.epoll(); p.register(0, 1); p.poll(); print(input())'"
	};
	char said[64];

	for (size_t i = 0; i < sizeof waits / sizeof *waits; i++) {
		struct hold *h = start_on_terminal(ARGV("/bin/sh", "-c", waits[i]));

		CHECK_EQ(becomes_read(h, 1), 1);
		CHECK_EQ(write(master_of(h), "x\n\004", 3), 3);
		read_all(master_of(h), said, sizeof said);
		check_status(h, HOLD_HOW_EXITED, 0);
		CHECK_EQ(hold_terminal_is_read(h), 0);
		hold_release(h);
	}
}

TEST("a terminal that nobody waits for is not read, and a process without one has none to be read") {
	struct hold *h = start_on_terminal(ARGV("sleep", "100"));

	CHECK_EQ(becomes_read(h, 0), 0);
	hold_release(h);
	h = start_with(ARGV("sleep", "100"), &(struct hold_options){ .argv = NULL });
	CHECK_EQ(hold_terminal_is_read(h), -ENOTTY);
	hold_release(h);
	CHECK_EQ(hold_terminal_is_read(NULL), -EINVAL);
}

/* Looks until the answer is the wanted one, and then whether it stays so. */
static int awaits(struct hold *h, int wanted) {
	int result = -1;

	for (int i = 0; i < 1000 && result != wanted; i++) {
		result = hold_terminal_awaits(h);
		poll(NULL, 0, 10);
	}
	for (int i = 0; i < 20 && result == wanted; i++)
		result = hold_terminal_awaits(h);
	return result;
}

TEST("a terminal awaits a line, or without echo a secret, if a program is blocked in a read of it") {
	static const struct {
		const char *command;
		int awaited;
	} waits[] = {
		{ "read a", HOLD_AWAITS_LINE },
		{ "exec cat >/dev/null", HOLD_AWAITS_LINE },
		{ "read a </dev/tty", HOLD_AWAITS_LINE },
		{ "sleep 100 & read a", HOLD_AWAITS_LINE },
		{ "exec python3 -c 'import getpass; getpass.getpass()'", HOLD_AWAITS_SECRET },
		{ "stty -echo; read a", HOLD_AWAITS_SECRET },
	};

	for (size_t i = 0; i < sizeof waits / sizeof *waits; i++) {
		struct hold *h = start_on_terminal(ARGV("/bin/sh", "-c", waits[i].command));

		CHECK_EQ(awaits(h, waits[i].awaited), waits[i].awaited);
		CHECK_EQ(write(master_of(h), "x\n\004", 3), 3);
		hold_release(h);
	}
}

TEST("a program that sleeps, works, reads keys or another file, or waits for events, awaits no input") {
	static const char *const others[] = {
		"echo ready; exec sleep 100",
		"echo ready; while :; do :; done",
		"stty raw; echo ready; read a",
		"echo ready; exec sleep 100 | cat",
		"exec python3 -c 'import select; print(\"ready\"); select.select([0], [], [])'",
		"exec python3 -c 'import select; print(\"ready\"); p = select.epoll(); p.register(0, 1); p.poll()'",
		"exec python3 -c 'import threading, sys; threading.Thread(target=sys.stdin.readline).start();"
		"print(\"ready\")\nwhile 1: pass'",
	};
	char byte;

	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		struct hold *h = start_on_terminal(ARGV("/bin/sh", "-c", others[i]));

		CHECK_EQ(read(master_of(h), &byte, 1), 1);
		CHECK_EQ(awaits(h, 0), 0);
		hold_release(h);
	}
	CHECK_EQ(hold_terminal_awaits(NULL), -EINVAL);
}

static void check_size(struct hold_winsize winsize, const char *wanted) {
	const struct hold_terminal terminal = { .size = sizeof terminal, .winsize = winsize };
	struct hold_options options = { .terminal = &terminal };
	struct seen seen;

	observe(&options, &seen);
	CHECK_STRING(value_of(&seen, "size 0"), wanted);
}

TEST("the terminal has the size that is given, and 24 rows by 80 columns where none is") {
	check_size((struct hold_winsize){ 33, 101, 640, 480 }, "33 101 640 480");
	check_size((struct hold_winsize){ 65535, 65535, 0, 0 }, "65535 65535 0 0");
	check_size((struct hold_winsize){ 0, 0, 0, 0 }, "24 80 0 0");
	check_size((struct hold_winsize){ 50, 0, 0, 0 }, "50 80 0 0");
	check_size((struct hold_winsize){ 0, 132, 0, 0 }, "24 132 0 0");
}

TEST("stty in the process sees size and modes as they were given") {
	struct hold_terminal terminal = { .size = sizeof terminal, .winsize = { 12, 34, 0, 0 } };
	struct hold_options options = { .terminal = &terminal };
	struct hold *h = start_on_terminal(SHELL("stty size; stty -a"));
	struct termios modes;
	char text[2048];

	CHECK_EQ(tcgetattr(master_of(h), &modes), 0);
	read_all(master_of(h), text, sizeof text);
	CHECK(!strncmp(text, "24 80\r\n", 7));
	CHECK(strstr(text, " echo "));
	CHECK(strstr(text, "intr = ^C;"));
	check_status(h, HOLD_HOW_EXITED, 0);
	hold_release(h);
	modes.c_lflag &= (tcflag_t)~ECHO;
	modes.c_oflag &= (tcflag_t)~OPOST;
	modes.c_cc[VINTR] = 7;
	terminal.modes = &modes;
	h = start_with(SHELL("stty size; stty -a"), &options);
	read_all(master_of(h), text, sizeof text);
	CHECK(!strncmp(text, "12 34\n", 6));
	CHECK(strstr(text, " -echo "));
	CHECK(strstr(text, "intr = ^G;"));
	check_status(h, HOLD_HOW_EXITED, 0);
	hold_release(h);
}

TEST("a ^C written to the master interrupts the foreground") {
	struct hold *h = start_on_terminal(ARGV(ACTOR("ignore")));

	await(master_of(h), "ready");
	CHECK_EQ(write(master_of(h), "\x03", 1), 1);
	check_status(h, HOLD_HOW_SIGNALLED, SIGINT);
	hold_release(h);
}

TEST("what is written to the master is read by the process, to its end-of-file character") {
	struct hold *h = start_on_terminal(SHELL("stty -echo; echo ready; cat; echo end"));
	char text[64];

	await(master_of(h), "ready\r\n");
	CHECK_EQ(write(master_of(h), "a line\n\x04", 8), 8);
	read_all(master_of(h), text, sizeof text);
	CHECK_STRING(text, "a line\r\nend\r\n");
	check_status(h, HOLD_HOW_EXITED, 0);
	hold_release(h);
}

TEST("hold_terminal_resize changes the size, and the foreground gets SIGWINCH if that is a change") {
	struct hold *h = start_on_terminal(ARGV(ACTOR("tell-signals")));
	struct winsize now;
	char last[16]; /* a signal that is told after SIGWINCH if both are there */

	snprintf(last, sizeof last, "%d\r\n", SIGRTMAX);
	expect(master_of(h), "ready\r\n");
	CHECK_EQ(hold_terminal_resize(h, &(struct hold_winsize){ 24, 80, 0, 0 }), 0); /* as it was */
	CHECK_EQ(hold_signal(h, SIGRTMAX), 0);
	expect(master_of(h), last);
	CHECK_EQ(hold_terminal_resize(h, &(struct hold_winsize){ 40, 120, 7, 9 }), 0);
	CHECK_EQ(ioctl(master_of(h), TIOCGWINSZ, &now), 0);
	CHECK_EQ(now.ws_row, 40);
	CHECK_EQ(now.ws_col, 120);
	CHECK_EQ(now.ws_xpixel, 7);
	CHECK_EQ(now.ws_ypixel, 9);
	expect(master_of(h), "28 40 120\r\n");
	CHECK_EQ(hold_terminal_resize(h, &(struct hold_winsize){ 40, 120, 7, 9 }), 0);
	CHECK_EQ(hold_signal(h, SIGRTMAX), 0);
	expect(master_of(h), last);
	CHECK_EQ(hold_terminal_resize(h, NULL), -EINVAL);
	CHECK_EQ(hold_signal(h, SIGTERM), 0);
	check_status(h, HOLD_HOW_EXITED, 0);
	hold_release(h);
}

TEST("a terminal that never was, or was taken, cannot be resized") {
	struct hold *h = start(SHELL("exit 0"));
	int fd;

	CHECK_EQ(hold_terminal_resize(h, &(struct hold_winsize){ 1, 1, 0, 0 }), -ENOTTY);
	wait_for(h);
	hold_release(h);
	h = start_on_terminal(SHELL("exit 0"));
	fd = hold_stream_take(h, HOLD_TERMINAL);
	CHECK(fd > 2);
	CHECK_EQ(hold_terminal_resize(h, &(struct hold_winsize){ 1, 1, 0, 0 }), -ENOTTY);
	wait_for(h);
	hold_release(h);
	close(fd);
}

TEST("each stream on the terminal is its master, which is close-on-exec, blocking and above 2") {
	struct hold *h = start_on_terminal(ARGV(ACTOR("ignore")));
	int master = master_of(h);

	CHECK(master > 2);
	CHECK_EQ(fcntl(master, F_GETFD), FD_CLOEXEC);
	CHECK_EQ(fcntl(master, F_GETFL) & O_NONBLOCK, 0);
	for (int i = 0; i < 3; i++)
		CHECK_EQ(hold_stream(h, i), master);
	await(master, "ready");
	CHECK_EQ(hold_stream_take(h, 1), master); /* one descriptor, so taken for all */
	for (int i = 0; i <= HOLD_TERMINAL; i++) {
		CHECK_EQ(hold_stream(h, i), -EBADF);
		CHECK_EQ(hold_stream_take(h, i), -EBADF);
	}
	close(master); /* and hangs up */
	check_status(h, HOLD_HOW_SIGNALLED, SIGHUP);
	hold_release(h);
}

TEST("releasing the hold hangs its terminal up") {
	struct hold_options options = { .terminal = &plain, .on_release = HOLD_ON_RELEASE_LEAVE };
	struct hold *h = start_with(ARGV(ACTOR("ignore")), &options);
	int status, pid = (int)hold_pid(h);

	await(master_of(h), "ready");
	hold_release(h);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGHUP);
}

TEST("some streams may be on the terminal and others elsewhere") {
	struct hold_options options = { .terminal = &plain,
					.in = { .kind = HOLD_STDIO_NULL },
					.err = { .kind = HOLD_STDIO_PIPE } };
	const char *script = "echo out; echo err >&2; test -t 0 || test -t 2 || test -t 1 && exit 3";
	struct hold *h = start_with(SHELL(script), &options);
	char text[64];

	CHECK_EQ(hold_stream(h, 0), -EBADF);
	CHECK_EQ(hold_stream(h, 1), master_of(h));
	CHECK(hold_stream(h, 2) > 2 && hold_stream(h, 2) != master_of(h));
	read_all(hold_stream(h, 2), text, sizeof text);
	CHECK_STRING(text, "err\n");
	read_all(hold_stream(h, 1), text, sizeof text);
	CHECK_STRING(text, "out\r\n");
	check_status(h, HOLD_HOW_EXITED, 3);
	hold_release(h);
}

TEST("with all streams elsewhere the terminal is the controlling one all the same") {
	struct hold_options options = { .terminal = &plain,
					.in = { .kind = HOLD_STDIO_NULL },
					.out = { .kind = HOLD_STDIO_NULL },
					.err = { .kind = HOLD_STDIO_NULL } };
	struct hold *h = start_with(SHELL("echo here > /dev/tty"), &options);
	char text[64];

	for (int i = 0; i < 3; i++)
		CHECK_EQ(hold_stream(h, i), -EBADF);
	check_status(h, HOLD_HOW_EXITED, 0);
	read_all(master_of(h), text, sizeof text);
	CHECK_STRING(text, "here\r\n");
	hold_release(h);
}

TEST("a terminal that no stream is on is not at its end before the process has ended") {
	struct hold *h =
		start_with(ARGV("/bin/sh", "-c", "read a; printf 'asked ' >/dev/tty; read b </dev/tty; exit 5"),
			   &(struct hold_options){ .terminal = &plain,
						   .in = { .kind = HOLD_STDIO_PIPE },
						   .out = { .kind = HOLD_STDIO_NULL },
						   .err = { .kind = HOLD_STDIO_NULL } });
	struct pollfd master = { .fd = master_of(h), .events = POLLIN };
	char said[64];

	CHECK_EQ(poll(&master, 1, 100), 0);
	CHECK_EQ(write(hold_stream(h, HOLD_STDIN), "\n", 1), 1);
	CHECK_EQ(poll(&master, 1, 30000), 1);
	CHECK_EQ(read(master.fd, said, sizeof said), 6);
	CHECK_EQ(write(master.fd, "x\n", 2), 2);
	check_status(h, HOLD_HOW_EXITED, 5);
	read_all(master.fd, said, sizeof said); /* to its end, which comes now */
	hold_release(h);
}

TEST("with HOLD_STDIO_LIKE_STDOUT standard error is the terminal where standard output is") {
	struct hold_options options = { .terminal = &plain, .err = { .kind = HOLD_STDIO_LIKE_STDOUT } };
	struct hold *h = start_with(SHELL("test -t 2 && echo here >&2"), &options);
	char text[64];

	CHECK_EQ(hold_stream(h, 2), master_of(h));
	read_all(master_of(h), text, sizeof text);
	CHECK_STRING(text, "here\r\n");
	check_status(h, HOLD_HOW_EXITED, 0);
	hold_release(h);
}

TEST("descriptors pass beside a terminal, also at the numbers that its descriptors have here") {
	struct hold_pass passes[20];
	struct hold_options options = { .terminal = &plain, .pass = passes, .pass_count = 20 };
	char wanted[128] = "0 1 2 ";
	struct seen seen;

	for (int i = 0; i < 20; i++) {
		passes[i] = (struct hold_pass){ 2, 3 + i };
		snprintf(wanted + strlen(wanted), sizeof wanted - strlen(wanted), "%d ", 3 + i);
	}
	observe(&options, &seen);
	check_descriptors(&seen, wanted);
	CHECK(find(&seen, "tty 0") && find(&seen, "tty 1") && find(&seen, "tty 2"));
}

/* Reads up to `words`, then the number behind them, and what ends it. */
static int await_number(int fd, const char *words) {
	int number = 0;
	char digit;

	await(fd, words);
	while (read(fd, &digit, 1) == 1 && digit >= '0' && digit <= '9')
		number = number * 10 + digit - '0';
	return number;
}

TEST("the end of a process is not that of its terminal, which others may keep open") {
	static const char script[] = "stty -echo; " QUOTED_ACTOR("ignore") " 1 & read line; echo pid=$!.; exit 3";
	struct hold *h = start_on_terminal(SHELL(script));
	char text[64];
	int other;

	await(master_of(h), "ready\r\n");
	CHECK_EQ(write(master_of(h), "\n", 1), 1);
	check_status(h, HOLD_HOW_EXITED, 3);
	other = await_number(master_of(h), "pid=");
	CHECK(other > 1);
	CHECK(is_alive(other));
	CHECK_EQ(kill(other, SIGKILL), 0);
	read_all(master_of(h), text, sizeof text);
	hold_release(h);
}

CHECK_MAIN
