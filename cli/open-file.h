/* SPDX-License-Identifier: ISC */
#ifndef CLI_OPEN_FILE_H
#define CLI_OPEN_FILE_H

/* Opens a file of hold's own for writing, with O_APPEND or O_TRUNC; made if missing. -1: errno says why. */
int open_file(const char *path, int flag);

#endif
