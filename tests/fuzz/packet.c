/* SPDX-License-Identifier: ISC */
/* What is taken for a packet of a viewer, or of a run, is one, byte by byte; what has another length is none. */
#include "fuzz.h"

#include "../../cli/attach/packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
	const char *text = bytes ? (const char *)bytes : "";
	const struct packet packet = packet_decode(text, size);
	static char again[PACKET_SIZE_MOST];

	if (packet.kind == PACKET_BAD || packet.kind == PACKET_OTHER_VERSION) {
		MUST(packet.length == 0 && packet_encode(&packet, again) == 0);
		return 0;
	}
	MUST(packet.length <= PACKET_OUTPUT_MOST && (packet.kind != PACKET_KEYS || packet.length <= PACKET_KEYS_MOST));
	MUST(packet_encode(&packet, again) == size && memcmp(again, text, size) == 0);
	MUST(packet_decode(text, size - 1).kind == PACKET_BAD);
	return 0;
}
