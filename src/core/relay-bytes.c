/* SPDX-License-Identifier: ISC */
/* The buffers of a relay. */
#include "relay-parts.h"

#include <errno.h>
#include <string.h>

int relay_add(struct relay_bytes *buffer, const void *bytes, size_t length) {
	if (!bytes && length)
		return -EINVAL;
	memmove(buffer->bytes, buffer->bytes + buffer->start, buffer->end - buffer->start);
	buffer->end -= buffer->start;
	buffer->start = 0;
	if (length > buffer->room - buffer->end)
		length = buffer->room - buffer->end;
	if (length)
		memcpy(buffer->bytes + buffer->end, bytes, length);
	buffer->end += length;
	return (int)length;
}
