/* SPDX-License-Identifier: ISC */
#include "boot-id.h"
#include "open-file.h"

#include <fcntl.h>
#include <unistd.h>

bool boot_id(char text[BOOT_ID_SIZE]) {
	const int fd = open_file("/proc/sys/kernel/random/boot_id", O_RDONLY);
	ssize_t size = -1;

	if (fd >= 0) {
		size = read(fd, text, BOOT_ID_SIZE - 1);
		close(fd);
	}
	text[size > 0 ? size : 0] = 0;
	return size == BOOT_ID_SIZE - 1;
}
