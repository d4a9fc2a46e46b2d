/* SPDX-License-Identifier: ISC */
#ifndef OS_FILE_AGAIN_H
#define OS_FILE_AGAIN_H

/* Opens the file of a descriptor a second time, non-blocking; `access` as for open(2). Returns a new descriptor. */
int file_open_again(int fd, int access);

#endif
