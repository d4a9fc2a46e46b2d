/* SPDX-License-Identifier: ISC */
/* What became of an output that hold carried. */
#ifndef CLI_RUN_OUTPUT_STATE_H
#define CLI_RUN_OUTPUT_STATE_H

#include <stdint.h>

enum { OUTPUTS_MOST = 2 };

struct output_state {
	const char *stream; /* "terminal", "stdout", "stderr", "both", "log" */
	uint64_t bytes;     /* that were printed */
	uint64_t left_out;  /* of them, by a bound */
	uint64_t lost;      /* that could not be written */
	int error;          /* an errno, why: ETIMEDOUT: nobody reads; EPIPE: the reader has gone; 0: nothing is lost */
};

/* What was passed on; not more than that where hold has taken carriage returns away. */
static inline uint64_t output_kept(const struct output_state *output) {
	const uint64_t missing = output->left_out + output->lost;

	return output->bytes > missing ? output->bytes - missing : 0;
}

#endif
