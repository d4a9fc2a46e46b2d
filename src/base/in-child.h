/* SPDX-License-Identifier: ISC */
/* How functions are marked that may run between clone and exec, in memory that belongs to the parent. */
#ifndef BASE_IN_CHILD_H
#define BASE_IN_CHILD_H

/*
 * For functions that run in the child, in memory and thread-local storage that are its parent's: no stack check,
 * no sanitizer and no profile counter may touch those there.
 */
#define OS_IN_CHILD \
	__attribute__((no_sanitize("address"), no_sanitize("thread"), no_sanitize("undefined"), \
		       no_profile_instrument_function, no_stack_protector))

#define OS_INLINE static inline OS_IN_CHILD

#endif
