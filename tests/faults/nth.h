/* SPDX-License-Identifier: ISC */
/*
 * The n-th call made to fail, for every n and for each errno that this call may plausibly give. Each try is made in a
 * process of its own, which must be left as it was found: descriptors, signal mask, dispositions, children, memory, the
 * "dumpable" flag.
 */
#ifndef NTH_H
#define NTH_H

#include "faults.h"

/* The call that failed: it was, when nothing failed, number `index` of those in *calm. */
struct nth_failure {
	const struct fault_state *calm;
	const struct fault_call *call; /* of calm */
	enum fault_side side;
	int index, error; /* error: a negative errno */
};

/* What is put to the test. Each function gets `context`, of which each try has its own copy. */
struct nth_subject {
	const char *name;
	void (*prepare)(void *context);
	int (*act)(void *context); /* the call of the library, and nothing else: the only part in which calls fail */
	/* Checks result, and ends what act and prepare began. failure NULL: nothing failed. */
	void (*judge)(void *context, int result, const struct nth_failure *failure);
	/* Of the errors that nth.c knows for a call: those that may come here. */
	bool (*is_plausible)(const struct fault_call *call, enum fault_side side, int error);
	size_t context_size;
	void *context;
};

void nth_try_all(const struct nth_subject *subject);

#endif
