/* SPDX-License-Identifier: ISC */
#include "key-queue.h"

#include <string.h>

static void move_to_front(struct key_queue *queue) {
	queue->end -= queue->first;
	memmove(queue->bytes, queue->bytes + queue->first, queue->end);
	queue->first = 0;
}

void key_queue_add(struct key_queue *queue, const char *typed, size_t size) {
	size_t room;

	if (queue->end + size > KEYS_KEPT)
		move_to_front(queue);
	room = KEYS_KEPT - queue->end;
	if (size > room) {
		queue->lost += size - room;
		size = room;
	}
	memcpy(queue->bytes + queue->end, typed, size);
	queue->end += size;
}

size_t key_queue_count(const struct key_queue *queue) {
	return queue->end - queue->first;
}

void key_queue_take(struct key_queue *queue, size_t count) {
	queue->first += count;
	if (queue->first == queue->end)
		queue->first = queue->end = 0;
}
