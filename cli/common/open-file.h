/* SPDX-License-Identifier: ISC */
/* Files of hold's own. If hold is started with 0, 1 or 2 closed, that stays closed: no file of ours gets the number. */
#ifndef CLI_OPEN_FILE_H
#define CLI_OPEN_FILE_H

#include <stdint.h>

/* open(2), close-on-exec and above 2; made with mode 0666 if O_CREAT is given. -1: errno says why. */
int open_file(const char *path, int flags);

/*
 * The same for writing, non-blocking, so that no write waits. A fifo without a reader is waited for up to the deadline:
 * then errno is ETIMEDOUT.
 */
int open_file_until(const char *path, int flags, int64_t deadline);

/* errno in words, after a failure to open such a file or to write it. */
const char *open_file_reason(int error);

/*
 * The file of a descriptor as an open file of our own, non-blocking. The flag belongs to the open file, which we share
 * with our caller: set there it would stay, and the user's shell would find its terminal non-blocking. -1: it cannot be
 * opened again, for example the terminal of another user.
 */
int open_again(int fd, int access);

#endif
