/* SPDX-License-Identifier: ISC */
#include "most.h"
#include "../common/message.h"
#include "../common/parse-bytes.h"

#include <stdlib.h>
#include <string.h>

static bool parse(char *text, uint64_t *ret_head, uint64_t *ret_tail) {
	char *tail = strchr(text, ':');
	uint64_t size;

	if (tail) {
		*tail++ = 0;
		return parse_bytes(text, ret_head) && parse_bytes(tail, ret_tail);
	}
	if (!parse_bytes(text, &size))
		return false;
	*ret_tail = size / 2;
	*ret_head = size - *ret_tail;
	return true;
}

bool most_parse(const char *text, uint64_t *ret_head, uint64_t *ret_tail) {
	char *copy = strdup(text);
	const bool is_parsed = copy && parse(copy, ret_head, ret_tail);

	free(copy);
	if (is_parsed)
		return true;
	say("run: --max-output '%s': not a size", text);
	hint("SIZE or HEAD:TAIL, in bytes: 65536, 64K, 1M, 4K:60K");
	return false;
}
