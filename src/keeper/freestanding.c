/* SPDX-License-Identifier: ISC */
/* The functions of libc that the keeper's sources need, and no others. Contracts are the standard's. */
#include "os/calls.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void *memset(void *to, int byte, size_t size) {
	for (unsigned char *p = to; size; size--)
		*p++ = (unsigned char)byte;
	return to;
}

void *memcpy(void *restrict to, const void *restrict from, size_t size) {
	unsigned char *p = to;

	for (const unsigned char *q = from; size; size--)
		*p++ = *q++;
	return to;
}

size_t strlen(const char *text) {
	size_t length = 0;

	while (text[length])
		length++;
	return length;
}

char *stpcpy(char *restrict to, const char *restrict from) {
	const size_t length = strlen(from);

	memcpy(to, from, length + 1);
	return to + length;
}

char *strcpy(char *restrict to, const char *restrict from) {
	stpcpy(to, from);
	return to;
}

char *strchr(const char *text, int byte) {
	for (; *text != (char)byte; text++) {
		if (!*text)
			return NULL;
	}
	return (char *)(uintptr_t)text;
}

char *strrchr(const char *text, int byte) {
	for (const char *at = text + strlen(text);; at--) {
		if (*at == (char)byte)
			return (char *)(uintptr_t)at;
		if (at == text)
			return NULL;
	}
}

/* For the decimal numbers of /proc only. */
long long strtoll(const char *restrict text, char **restrict ret_end, int base) {
	const int is_negative = *text == '-';
	long long number = 0;

	(void)base;
	for (text += is_negative; *text >= '0' && *text <= '9'; text++)
		number = number * 10 + (*text - '0');
	if (ret_end)
		*ret_end = (char *)(uintptr_t)text;
	return is_negative ? -number : number;
}

int atoi(const char *text) {
	return (int)strtoll(text, NULL, 10);
}

int clock_gettime(clockid_t clock, struct timespec *ret) {
	struct os_timespec now;
	const int error = (int)OS_CALL(SYS_clock_gettime, clock, &now, 0, 0, 0);

	ret->tv_sec = now.seconds;
	ret->tv_nsec = now.nanoseconds;
	return error;
}

/* Called by the compiler's own functions for a division by 0, on machines that cannot divide by themselves. */
int raise(int signal) {
	return call_kill(call_getpid(), signal);
}

/*
 * Each allocation has its size before it, and pages of its own: there are few, for the plan and for a tree to end. The
 * first small ones, which live as long as the keeper does, share a page with its variables; they are not freed.
 */
enum { HEADER = 16, FIRST = 1024 };

static char first[FIRST] __attribute__((aligned(16)));
static size_t first_used;

static void *take_first(size_t size) {
	char *taken = first + first_used;

	size = (size + HEADER - 1) / HEADER * HEADER;
	if (size > FIRST - first_used)
		return NULL;
	first_used += size;
	return taken;
}

void *calloc(size_t count, size_t size) {
	const size_t whole = count * size + HEADER;
	void *const early = whole <= FIRST ? take_first(whole) : NULL;
	const long result = early ? 0 : call_map(whole);

	if (early)
		return early;
	if (result < 0 && result > -4096)
		return NULL;
	*(size_t *)result = whole;
	return (char *)result + HEADER;
}

void free(void *memory) {
	char *whole = memory ? (char *)memory - HEADER : NULL;

	if (whole && *(size_t *)(void *)whole)
		OS_CALL(SYS_munmap, whole, *(size_t *)(void *)whole, 0, 0, 0);
}
