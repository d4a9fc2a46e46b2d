/* SPDX-License-Identifier: ISC */
/* Questions are taken out of output in the same way however it comes in pieces; text and other sequences are left. */
#include "fuzz.h"

#include "../../cli/attach/queries.h"

static size_t remove_in_pieces(const char *bytes, size_t size, size_t piece, char *out) {
	struct queries queries = { 0 };
	size_t length = 0;

	for (size_t at = 0; at < size; at += piece) {
		const size_t part = piece < size - at ? piece : size - at;
		const size_t left = queries_remove(&queries, bytes + at, part, out + length);

		MUST(left <= part + QUERY_MOST);
		length += left;
	}
	return length + queries_end(&queries, out + length);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
	const char *text = bytes ? (const char *)bytes : "";
	char *whole = malloc(size + 2 * QUERY_MOST), *pieces = malloc(size + 2 * QUERY_MOST);
	size_t length;

	MUST(whole && pieces);
	length = remove_in_pieces(text, size, size ? size : 1, whole);
	MUST(length <= size + 2);
	for (size_t piece = 1; piece < 8; piece += 3) {
		MUST(remove_in_pieces(text, size, piece, pieces) == length);
		MUST(memcmp(pieces, whole, length) == 0);
	}
	if (!memchr(text, 033, size) && !memchr(text, 5, size))
		MUST(length == size && memcmp(whole, text, size) == 0);
	free(whole);
	free(pieces);
	return 0;
}
