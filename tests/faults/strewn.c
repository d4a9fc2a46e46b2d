/* SPDX-License-Identifier: ISC */
#include "strewn.h"
#include "../check.h"

#include <fcntl.h>

int strewn[STREWN];

void strew(void) {
	static const int lowest[STREWN] = { 6, 21, 23, 100, 101, 900 };

	for (int i = 0; i < STREWN; i++) {
		strewn[i] = fcntl(1, F_DUPFD, lowest[i]);
		CHECK(strewn[i] >= lowest[i]);
	}
}

void pick_up(void) {
	for (int i = 0; i < STREWN; i++)
		close(strewn[i]);
}

void expect_end(struct hold *h, int how, int code) {
	struct hold_status status = { .size = sizeof status };

	CHECK_EQ(hold_wait(h, hold_after_ms(15000), &status), 0);
	CHECK_EQ(status.how, how);
	CHECK_EQ(status.code, code);
	hold_release(h);
}

void start_and_expect_open(const struct hold_pass *pass, size_t count, const char *fact) {
	const char *const argv[] = { ACTOR, fact, NULL };
	const struct hold_options options = {
		.size = sizeof options,
		.contain = HOLD_CONTAIN_NONE,
		.argv = argv,
		.pass = pass,
		.pass_count = count,
	};
	struct hold *h;

	CHECK_EQ(hold_spawn(&h, &options, NULL), 0);
	expect_end(h, HOLD_HOW_EXITED, 0);
}

void start_among_strewn(void) {
	struct hold_pass passes[3];
	char fact[64];

	strew();
	passes[0] = (struct hold_pass){ strewn[1], strewn[1] + 1 };
	passes[1] = (struct hold_pass){ strewn[3], strewn[2] }; /* where the next one's source lies */
	passes[2] = (struct hold_pass){ strewn[2], 200 };
	CHECK(strewn[1] + 1 < strewn[2]);
	snprintf(fact, sizeof fact, "open=0,1,2,%d,%d,200", strewn[1] + 1, strewn[2]);
	start_and_expect_open(passes, 3, fact);
	start_and_expect_open(NULL, 0, "open=0,1,2");
	pick_up();
}
