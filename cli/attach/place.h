/* SPDX-License-Identifier: ISC */
/*
 * Where the socket of a detached run is: in $XDG_RUNTIME_DIR/pidhold, or in the run's own directory of the store if
 * that cannot be used. Either directory belongs to the user, is closed to others, and is no link.
 */
#ifndef CLI_ATTACH_PLACE_H
#define CLI_ATTACH_PLACE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct place {
	int directory;
	char *file;   /* in that directory */
	char *name;   /* for the record: the whole path, or the file alone if it is in the run's directory */
	dev_t device; /* of the socket's file, which another process may have replaced */
	ino_t inode;
};

/*
 * Makes the socket of the run of this name, and listens. `run_directory` is the run's. Returns the socket, which does
 * not block and is close-on-exec; -1: errno says why, and there is no place.
 */
int place_listen(struct place *ret, const char *run, int run_directory);

/* Whether the socket is still there: the directory may have been cleared, or removed, as at a logout. */
bool place_is_there(const struct place *place);

/* Removes the socket, if it is still there, and frees the place. */
void place_remove(struct place *place);

/*
 * Connects to the socket that the record names; it is this user's, or is refused with EPERM. -1: errno says why; EAGAIN
 * is for a socket that has no room at the moment.
 */
int place_connect(const char *name, int run_directory);

/* Whether the process at the other end is this user's. */
bool place_has_own_peer(int socket);

#endif
