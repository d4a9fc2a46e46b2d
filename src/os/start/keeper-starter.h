/* SPDX-License-Identifier: ISC */
/*
 * The child that becomes the keeper: between clone and exec it runs in its caller's memory, as child.c does. A test
 * compares the undefined symbols of its object with keeper-starter.symbols.
 */
#ifndef OS_KEEPER_STARTER_H
#define OS_KEEPER_STARTER_H

#include "os/calls.h"

#include <stdbool.h>
#include <stdint.h>

enum keeper_image { KEEPER_INSTALLED, KEEPER_IN_MEMORY };

struct keeper_starter {
	enum keeper_image image;  /* the starter writes which one it takes where there is none installed */
	int socket;               /* the keeper's end, a number of the caller's table */
	int cut;                  /* the table is shared with the caller and cut here; -1: it is a copy */
	bool pass_all;            /* what is not close-on-exec is kept, whatever its number */
	unsigned long namespaces; /* CLONE_NEW...: the namespaces that it is cloned into */
	uint32_t user, group;     /* the caller's */
	/* Written by the starter. */
	volatile int has_run, error;
	volatile int need; /* enum keeper_need: what the error shows to be missing */
};

/* Becomes the keeper, or stores the error and exits with 127. */
void keeper_starter_run(void *starter);

#endif
