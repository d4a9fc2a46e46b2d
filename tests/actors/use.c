/* SPDX-License-Identifier: ISC */
/* use KIB MS: touches that much memory and computes for that many milliseconds of processor time. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

int main(int argc, char **argv) {
	size_t size = argc > 1 ? (size_t)atol(argv[1]) * 1024 : 0;
	clock_t until = argc > 2 ? atol(argv[2]) * (CLOCKS_PER_SEC / 1000) : 0;
	volatile char *memory = malloc(size + 1);

	if (!memory)
		return 1;
	memset((char *)memory, 1, size + 1);
	while (clock() < until)
		memory[0]++;
	return 0;
}
