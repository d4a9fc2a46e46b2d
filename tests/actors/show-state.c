/* SPDX-License-Identifier: ISC */
/*
 * show-state [FILE]: what this process sees of itself, a line each, on standard output or in FILE. It judges nothing.
 * All is looked at before FILE is opened, so that this shows no descriptor that is not the starter's doing.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

extern char **environ;

static char text[65536];
static size_t length;

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...) {
	va_list arguments;

	va_start(arguments, format);
	length += (size_t)vsnprintf(text + length, sizeof text - length, format, arguments);
	va_end(arguments);
	if (length >= sizeof text)
		abort();
}

static void show_descriptors(void) {
	DIR *directory = opendir("/proc/self/fd");
	struct dirent *entry;
	char target[256];
	ssize_t size;

	while (directory && (entry = readdir(directory))) {
		if (entry->d_name[0] == '.' || atoi(entry->d_name) == dirfd(directory))
			continue;
		size = readlinkat(dirfd(directory), entry->d_name, target, sizeof target - 1);
		target[size < 0 ? 0 : size] = 0;
		say("fd %s %s\n", entry->d_name, target);
	}
	if (directory)
		closedir(directory);
}

/* The C library's own two signals are left out: its posix_spawn has them ignored, and so has whatever make starts. */
static void show_signals(void) {
	const unsigned long long own = 3ull << 31;
	static const char *const names[] = { "SigBlk", "SigIgn", "SigCgt" };
	FILE *status = fopen("/proc/self/status", "r");
	char line[256];

	while (status && fgets(line, sizeof line, status)) {
		for (int i = 0; i < 3; i++) {
			if (!strncmp(line, names[i], 6))
				say("%s %016llx\n", names[i], strtoull(line + 8, NULL, 16) & ~own);
		}
	}
	if (status)
		fclose(status);
}

static void show_terminal(void) {
	struct winsize size;
	int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);

	say("dev-tty %s\n", fd < 0 ? strerror(errno) : "open");
	if (fd >= 0) {
		say("tpgid %d\n", (int)tcgetpgrp(fd));
		close(fd);
	}
	for (fd = 0; fd <= 2; fd++) {
		if (!isatty(fd))
			continue;
		say("tty %d %s\n", fd, ttyname(fd));
		if (ioctl(fd, TIOCGWINSZ, &size) == 0)
			say("size %d %d %d %d %d\n", fd, size.ws_row, size.ws_col, size.ws_xpixel, size.ws_ypixel);
	}
}

static void show_process(int argc, char **argv) {
	char directory[4096];
	mode_t mask = umask(0);

	say("pid %d\nppid %d\npgid %d\nsid %d\n", (int)getpid(), (int)getppid(), (int)getpgid(0), (int)getsid(0));
	say("cwd %s\n", getcwd(directory, sizeof directory) ? directory : "");
	say("umask %03o\n", (unsigned)mask);
	say("nice %d\n", getpriority(PRIO_PROCESS, 0));
	for (int i = 0; i < argc; i++)
		say("arg %d %s\n", i, argv[i]);
	for (char **variable = environ; *variable; variable++)
		say("env %s\n", *variable);
	umask(mask);
}

int main(int argc, char **argv) {
	int fd;

	show_descriptors();
	show_signals();
	show_terminal();
	show_process(argc, argv);
	fd = argc > 1 ? open(argv[1], O_WRONLY | O_TRUNC | O_CLOEXEC) : STDOUT_FILENO;
	return write(fd, text, length) == (ssize_t)length ? 0 : 1;
}
