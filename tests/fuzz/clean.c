/* SPDX-License-Identifier: ISC */
#include "fuzz.h"

#include "../../cli/common/message.h"
#include "../../cli/common/utf8.h"

#include <stdbool.h>

/* Another decoder than the one under test: by the count of the first byte's leading ones, and the shortest form. */
static size_t decode(const unsigned char *text, uint32_t *ret) {
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t length = 0;

	while (length < 8 && text[0] & 0x80 >> length)
		length++;
	*ret = text[0];
	if (length == 0)
		return 1;
	MUST(length >= 2 && length <= 4);
	*ret &= 0x7fu >> length;
	for (size_t i = 1; i < length; i++) {
		MUST(text[i] >> 6 == 2);
		*ret = *ret << 6 | (text[i] & 63);
	}
	MUST(*ret >= least[length] && *ret <= 0x10ffff && (*ret < 0xd800 || *ret > 0xdfff));
	return length;
}

static void must_be_harmless(const char *text) {
	uint32_t c;

	for (size_t length; *text; text += length) {
		length = decode((const unsigned char *)text, &c);
		MUST(c >= 0x20 && (c < 0x7f || c > 0x9f));
		MUST(c != 0x61c && c != 0x200e && c != 0x200f && (c < 0x2028 || c > 0x202e) &&
		     (c < 0x2066 || c > 0x2069));
	}
}

/* A text that was harmless is so still when it was cut and its end was trimmed. */
static void must_be_cut_well(const char *text) {
	char buffer[24];
	const size_t length = strlen(text);

	for (size_t size = 1; size <= sizeof buffer && size <= length; size++) {
		memcpy(buffer, text, size - 1);
		buffer[size - 1] = 0;
		utf8_trim(buffer, size);
		MUST(strlen(buffer) + 3 >= size - 1);
		must_be_harmless(buffer);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
	char *text = fuzz_text(bytes, size), *once = strdup(text), *twice;

	MUST(once);
	message_clean(once);
	MUST(strlen(once) <= strlen(text));
	must_be_harmless(once);
	must_be_cut_well(once);
	twice = strdup(once);
	MUST(twice);
	message_clean(twice);
	MUST(strcmp(once, twice) == 0);
	utf8_trim(text, strlen(text) + 1);
	free(text);
	free(once);
	free(twice);
	return 0;
}
