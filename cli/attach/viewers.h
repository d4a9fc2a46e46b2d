/* SPDX-License-Identifier: ISC */
/*
 * Those who have attached to a detached run, as the process sees them that holds it. Nothing here waits, and nothing is
 * stored for a viewer but a few keys: output is taken from the scrollback, and one that does not keep up goes on where
 * that begins. One that takes nothing for a while is dropped, and one that says anything that is not of the protocol.
 */
#ifndef CLI_ATTACH_VIEWERS_H
#define CLI_ATTACH_VIEWERS_H

#include <pidhold.h>

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct viewers;

/*
 * Makes the socket of the run of this name: see place.h. NULL: errno says why. viewers_name: what the record has of it.
 */
struct viewers *viewers_new(const char *run, int run_directory);
const char *viewers_name(const struct viewers *viewers);

/* Makes the socket again if it is no longer there. Returns whether viewers_name may be another now. */
bool viewers_mend(struct viewers *viewers, const char *run, int run_directory);

/* Fills in what is to be polled for, VIEWERS_FDS of them, and until when; viewers_move then does what is possible. */
enum { VIEWERS_MOST = 16, VIEWERS_FDS = 1 + VIEWERS_MOST };

void viewers_prepare(const struct viewers *viewers, struct pollfd *fds);
int64_t viewers_next(const struct viewers *viewers);
void viewers_move(struct viewers *viewers, const struct pollfd *fds);

/* Shows them what was printed. */
void viewers_show(struct viewers *viewers, const char *bytes, size_t size);

/* Gives away what they have typed. The taker returns how many bytes it has taken; the others are given again. */
typedef size_t viewers_taker(void *context, const char *bytes, size_t size);

void viewers_type(struct viewers *viewers, viewers_taker *taker, void *context);

/* Once after each change: the smallest size of those who type. */
bool viewers_take_size(struct viewers *viewers, struct hold_winsize *ret);

/* Once whenever somebody has to see the whole screen, as after he has attached. */
bool viewers_take_redraw(struct viewers *viewers);

/* The run has ended, and its record is written: tells them, and removes the socket. NULL is allowed. */
void viewers_end(struct viewers *viewers);

#endif
