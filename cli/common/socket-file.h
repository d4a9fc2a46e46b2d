/* SPDX-License-Identifier: ISC */
/*
 * Sockets that have a name in a directory. The directory is given by its descriptor, `file` is the name in it, and
 * `path` is the whole path, which is used where there is no /proc.
 */
#ifndef CLI_SOCKET_FILE_H
#define CLI_SOCKET_FILE_H

#include <stdbool.h>
#include <sys/socket.h>

/* A new socket, of packets; it does not block, and is close-on-exec. -1: errno says why. */
int socket_file_new(void);

/* bind or connect */
typedef int socket_file_call(int socket, const struct sockaddr *address, socklen_t length);

/* Calls it with the address of the file. false: errno says why. */
bool socket_file_use(int socket, socket_file_call *call, int directory, const char *file, const char *path);

/*
 * Removes the file if it is a socket at which no process listens: a process that was killed has left it. Returns
 * whether nothing has the name then; another process may listen there, or it is no socket.
 */
bool socket_file_remove_left(int directory, const char *file, const char *path);

#endif
