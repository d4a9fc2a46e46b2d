/* SPDX-License-Identifier: ISC */
/* What was typed at a viewer and is to be sent to the run, as soon as the run takes it. Begins as zero. */
#ifndef CLI_ATTACH_KEY_QUEUE_H
#define CLI_ATTACH_KEY_QUEUE_H

#include <stddef.h>

enum { KEYS_KEPT = 1 << 20 };

struct key_queue {
	char bytes[KEYS_KEPT];
	size_t first, end; /* of those to be sent; both 0 if there are none */
	size_t lost;       /* how many there was no room for */
};

void key_queue_add(struct key_queue *queue, const char *typed, size_t size);

size_t key_queue_count(const struct key_queue *queue);

/* The first of them were sent. */
void key_queue_take(struct key_queue *queue, size_t count);

#endif
