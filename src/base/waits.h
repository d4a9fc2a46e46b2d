/* SPDX-License-Identifier: ISC */
/* Limits in ms for waits that are usually over in an instant; the same in all files. */
#ifndef BASE_WAITS_H
#define BASE_WAITS_H

enum {
	END_MS = 5000, /* for a process to end after SIGKILL */
	WAKE_MS = 100, /* a keeper that is silent for so long is continued: a signal may have stopped it */
	LOOK_MS = 20   /* from one look at a tree that is ending to the next */
};

#endif
