/* SPDX-License-Identifier: ISC */
/* Files of hold's own. Started with 0, 1 or 2 closed, hold and its command have it closed: never one of ours there. */
#ifndef CLI_OPEN_FILE_H
#define CLI_OPEN_FILE_H

/* open(2), close-on-exec and above 2; made with mode 0666 if O_CREAT is given. -1: errno says why. */
int open_file(const char *path, int flags);

#endif
