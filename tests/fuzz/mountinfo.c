/* SPDX-License-Identifier: ISC */
/* Lines of /proc/self/mountinfo, by the functions of the file that looks for the mount of control groups. */
#include "fuzz.h"

#include "../../src/os/cgroup-place.c"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
	char *text = fuzz_text(bytes, size < 4095 ? size : 4095);
	struct mount mount = { .root = "" };

	if (parse_mount(&mount, text) == 1) {
		MUST(memchr(mount.root, 0, sizeof mount.root));
		MUST(memchr(mount.point, 0, sizeof mount.point));
	}
	free(text);
	return 0;
}
