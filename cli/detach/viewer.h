/* SPDX-License-Identifier: ISC */
/* hold attach: the process at the user's terminal. */
#ifndef CLI_DETACH_VIEWER_H
#define CLI_DETACH_VIEWER_H

#include <stdbool.h>

struct viewer_options {
	bool reads_only;
	int detach_key; /* of detach-key.h */
};

enum viewer_end {
	VIEWER_DETACHED,
	VIEWER_ENDED,   /* the run has ended, and its record is the last one */
	VIEWER_LOST,    /* the connection has ended: the run was killed, or did not wait for this terminal */
	VIEWER_REFUSED, /* said on standard error */
	VIEWER_FAILED   /* the same */
};

/* Shows the run of this name until the user detaches or it ends. The socket leads to it, and is closed. */
enum viewer_end viewer_stay(const char *name, int socket, const struct viewer_options *options);

#endif
