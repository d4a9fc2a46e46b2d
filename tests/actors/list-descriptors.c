/* SPDX-License-Identifier: ISC */
/* Prints a line for each open descriptor but its own directory: its number and the inode behind it. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int main(void) {
	DIR *directory = opendir("/proc/self/fd");
	struct dirent *entry;
	struct stat file;
	char text[4096];
	int length = 0;

	while (directory && (entry = readdir(directory))) {
		const int fd = atoi(entry->d_name);

		if (entry->d_name[0] == '.' || fd == dirfd(directory) || fstat(fd, &file) < 0)
			continue;
		length += snprintf(text + length, sizeof text - (size_t)length, "%d %lu\n", fd,
				   (unsigned long)file.st_ino);
		if (length > 4000)
			break;
	}
	fwrite(text, 1, (size_t)length, stdout);
	return 0;
}
