/* SPDX-License-Identifier: ISC */
/*
 * The directory of the detached runs, $XDG_STATE_HOME/pidhold, and that of each run, which has its name. They belong to
 * the user alone, and no link is followed.
 */
#ifndef CLI_STORE_DIRECTORY_H
#define CLI_STORE_DIRECTORY_H

#include <stdbool.h>

/* The directory of all runs, which is made if it is missing. -1: said on standard error, after the verb. */
int store_open(const char *verb);

/* The same without making it. STORE_NONE: there is none, so there are no runs. verb NULL: nothing is said. */
enum { STORE_NONE = -2 };

int store_look(const char *verb);

/* A directory or file of the store, close-on-exec, above 2, made with mode 0600 for O_CREAT. -1: errno says why. */
int store_open_directory(int directory, const char *name);
int store_open_file(int directory, const char *name, int flags);

/* In the directory of a run: the socket for those who attach, where it has no other place. */
#define RUN_SOCKET_FILE "socket"

#endif
