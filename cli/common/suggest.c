/* SPDX-License-Identifier: ISC */
#include "suggest.h"

#include <ctype.h>
#include <string.h>

enum { LONGEST = 31 };

static int least(int a, int b, int c) {
	int ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/* How many letters must be inserted, removed, replaced, or swapped with the next. Upper and lower case are equal. */
static int distance(const char *a, const char *b) {
	const size_t m = strlen(a), n = strlen(b);
	int d[LONGEST + 1][LONGEST + 1];

	if (m > LONGEST || n > LONGEST)
		return LONGEST;
	for (size_t i = 0; i <= m; i++) {
		for (size_t j = 0; j <= n; j++) {
			if (i == 0 || j == 0) {
				d[i][j] = (int)(i + j);
				continue;
			}
			d[i][j] = least(d[i - 1][j] + 1, d[i][j - 1] + 1,
					d[i - 1][j - 1] +
						(tolower((unsigned char)a[i - 1]) != tolower((unsigned char)b[j - 1])));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    d[i - 2][j - 2] + 1 < d[i][j])
				d[i][j] = d[i - 2][j - 2] + 1;
		}
	}
	return d[m][n];
}

const char *suggest(const char *text, const char *const *words, size_t count) {
	const char *best = NULL;
	/* Half of a short word, or more than a third of a longer one, is another word. */
	int nearest = (strlen(text) < 3 ? 1 : (int)strlen(text) / 3) + 1;

	for (size_t i = 0; i < count; i++) {
		int d = distance(text, words[i]);

		/* A beginning of the word counts as one wrong letter. */
		if (strlen(text) > 1 && strncmp(text, words[i], strlen(text)) == 0)
			d = 1;
		if (d < nearest) {
			nearest = d;
			best = words[i];
		}
	}
	return best;
}
