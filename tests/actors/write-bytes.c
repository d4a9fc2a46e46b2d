/* SPDX-License-Identifier: ISC */
/* write-bytes COUNT: writes that many bytes, which are 'a' to 'z' over and over, and ends at once. */
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv) {
	size_t count = argc > 1 ? (size_t)atol(argv[1]) : 0, done = 0;
	char *bytes = malloc(count + 1);
	ssize_t n;

	if (!bytes)
		return 1;
	for (size_t i = 0; i < count; i++)
		bytes[i] = (char)('a' + i % 26);
	while (done < count) {
		n = write(STDOUT_FILENO, bytes + done, count - done);
		if (n <= 0)
			return 1;
		done += (size_t)n;
	}
	free(bytes);
	return 0;
}
