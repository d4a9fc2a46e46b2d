/* SPDX-License-Identifier: ISC */
/*
 * without-directory DIRECTORY COMMAND...: executes COMMAND where DIRECTORY is empty, in a mount namespace of its own.
 * Exit status 125: none can be had here.
 */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <unistd.h>

enum { UNAVAILABLE = 125 };

int main(int argc, char **argv) {
	if (argc < 3)
		return 2;
	if (unshare(CLONE_NEWNS) && unshare(CLONE_NEWUSER | CLONE_NEWNS))
		return UNAVAILABLE;
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) || mount("none", argv[1], "tmpfs", 0, NULL))
		return UNAVAILABLE;
	execv(argv[2], argv + 2);
	perror(argv[2]);
	return 2;
}
