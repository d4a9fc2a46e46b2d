/* SPDX-License-Identifier: ISC */
/* How long that may take which is over in an instant as a rule, in ms; the same wherever it is waited for. */
#ifndef BASE_WAITS_H
#define BASE_WAITS_H

enum {
	END_MS = 5000, /* an end after SIGKILL */
	WAKE_MS = 100, /* silence, after which a keeper is continued: somebody may have stopped it */
	LOOK_MS = 20   /* from one look at a tree that is ending to the next */
};

#endif
