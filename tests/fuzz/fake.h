/* SPDX-License-Identifier: ISC */
/*
 * A kernel of our own for those who fuzz messages: the process under test makes its system calls here (--wrap of
 * os_syscall), so no descriptor, no process and no signal is real, the same input gives the same run, and time passes
 * only where somebody waits for it. The input is a script of records, which happen one by one as the process waits.
 */
#ifndef TESTS_FUZZ_FAKE_H
#define TESTS_FUZZ_FAKE_H

#include "fuzz.h"

#include <stdbool.h>
#include <sys/socket.h>

/*
 * A record is a byte, whose two upper bits say what it is and the others how many or which, and for all but an event
 * two bytes, the lower first, that are the length of the bytes behind them. A length beyond the input's end is cut.
 */
enum fake_kind { FAKE_MESSAGE, FAKE_OTHER, FAKE_EVENT, FAKE_EVENT_2 };

struct fake_record {
	enum fake_kind kind;
	int number; /* 0 to 63 */
	const uint8_t *bytes;
	size_t size;
};

extern int64_t fake_now; /* nanoseconds */

/* A run begins: nothing is open but the numbers below 3. */
void fake_begin(const uint8_t *bytes, size_t size);
void fake_end(void);

bool fake_next(struct fake_record *ret);

/* ---- descriptors: what each is, is the target's own number; 0 is none ---- */

enum { FAKE_FDS = 256 };
extern int fake_fds[FAKE_FDS];

int fake_open_from(int lowest, int what); /* the number, or -EMFILE */
int fake_open(int what);
int fake_what(int fd); /* 0: it is not open */
int fake_close(int fd);
int fake_close_range(unsigned first, unsigned last);
int fake_fcntl(int fd, int command, long argument);
int fake_dup3(int from, int to);

/* recvmsg(2) of a message with so many descriptors, each of which is `what`: how many bytes. */
long fake_deliver(struct msghdr *header, const struct fake_record *record, int descriptors, int what);

/* Time passes, by a struct os_timespec. */
void fake_sleep(const void *time);

#endif
