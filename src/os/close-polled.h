/* SPDX-License-Identifier: ISC */
#ifndef OS_CLOSE_POLLED_H
#define OS_CLOSE_POLLED_H

/*
 * Closes `first` and all open descriptors above it, which poll(2) finds, 256 at a time. -EOPNOTSUPP: the limit on
 * descriptors is too high for that. A descriptor above a limit that was lowered later is not found.
 */
int close_polled(int first);

#endif
