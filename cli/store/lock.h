/* SPDX-License-Identifier: ISC */
/* The lock of the store: who makes or removes the directory of a run has it meanwhile, for a moment. */
#ifndef CLI_STORE_LOCK_H
#define CLI_STORE_LOCK_H

/* Waits for it, 10 s at most. Returns a descriptor, whose close gives it back; -1: said, after the verb. */
int store_lock(const char *verb, int store);

#endif
