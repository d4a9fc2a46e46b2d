/* SPDX-License-Identifier: ISC */
/* hold_set_* with each of their calls made to fail. */
#include "../check.h"
#include "nth.h"

#include <pidhold.h>

struct subject {
	struct hold_waitset *set;
	struct hold *ended, *sleeper; /* NULL: none */
	struct hold *found;
	void *tag;
};

static char tag_of_ended, tag_of_sleeper;

static struct hold *start(const char *word) {
	const char *const argv[] = { ACTOR, word, NULL };
	const struct hold_options options = {
		.size = sizeof options,
		.contain = HOLD_CONTAIN_NONE,
		.argv = argv,
		.on_release = HOLD_ON_RELEASE_KILL,
	};
	struct hold *h;

	CHECK_EQ(hold_spawn(&h, &options, NULL), 0);
	return h;
}

static struct hold *start_and_see_end(void) {
	struct hold *h = start(NULL);
	struct os_pollfd poll = { hold_fd(h), 1 /* POLLIN */, 0 };

	if (poll.fd < 0)
		SKIP("no process descriptors on this system");
	CHECK_EQ(call_ppoll(&poll, 1, NULL), 1);
	return h;
}

/* The set is as good as before the failure: it tells of the one that has ended, if it has it, and then of no other. */
static void end_set(struct subject *subject, bool has_ended, bool has_sleeper) {
	struct hold *found;
	void *tag;

	if (has_ended) {
		CHECK_EQ(hold_waitset_next(subject->set, hold_after_ms(15000), &found, &tag), 0);
		CHECK(found == subject->ended && tag == &tag_of_ended);
	}
	CHECK_EQ(hold_waitset_next(subject->set, HOLD_NOW, &found, &tag), has_sleeper ? HOLD_PENDING : -ENOENT);
	hold_release(subject->ended);
	if (has_sleeper) {
		CHECK_EQ(hold_signal(subject->sleeper, SIGKILL), 0);
		CHECK_EQ(hold_waitset_next(subject->set, hold_after_ms(15000), &found, &tag), 0);
		CHECK(found == subject->sleeper && tag == &tag_of_sleeper);
	}
	hold_release(subject->sleeper);
	hold_waitset_free(subject->set);
}

static bool is_plausible(const struct fault_call *call, enum fault_side side, int error) {
	(void)call, (void)side, (void)error;
	return true;
}

static void try_all(const char *name, void (*prepare)(void *), int (*act)(void *),
		    void (*judge)(void *, int, const struct nth_failure *)) {
	struct subject context = { .set = NULL };

	nth_try_all(&(struct nth_subject){ name, prepare, act, judge, is_plausible, sizeof context, &context });
}

/* ---- a new set ---- */

static void prepare_nothing(void *context) {
	(void)context;
}

static int make(void *context) {
	struct subject *subject = context;

	return hold_waitset_new(&subject->set);
}

static void judge_new(void *context, int result, const struct nth_failure *failure) {
	struct subject *subject = context;
	int wanted = failure ? failure->error : 0;

	if (failure && (failure->call->number == FAULT_MADVISE || failure->call->number == SYS_close))
		wanted = 0;
	CHECK_EQ(result, wanted);
	CHECK((result == 0) == (subject->set != NULL));
	hold_waitset_free(subject->set);
}

TEST("a new set: whatever fails is handed out, and nothing is left") {
	try_all("hold_waitset_new", prepare_nothing, make, judge_new);
}

/* ---- putting in ---- */

static void prepare_ended(void *context) {
	struct subject *subject = context;

	subject->ended = start_and_see_end();
	CHECK_EQ(hold_waitset_new(&subject->set), 0);
}

static int add(void *context) {
	struct subject *subject = context;

	return hold_waitset_add(subject->set, subject->ended, &tag_of_ended);
}

static void judge_add(void *context, int result, const struct nth_failure *failure) {
	CHECK_EQ(result, failure ? failure->error : 0);
	end_set(context, result == 0, false);
}

TEST("a hold that cannot be put in is in no set, and why is handed out") {
	try_all("hold_waitset_add", prepare_ended, add, judge_add);
}

/* ---- the next ---- */

static void prepare_both(void *context) {
	struct subject *subject = context;

	prepare_ended(subject);
	subject->sleeper = start("sleep");
	CHECK_EQ(hold_waitset_add(subject->set, subject->ended, &tag_of_ended), 0);
	CHECK_EQ(hold_waitset_add(subject->set, subject->sleeper, &tag_of_sleeper), 0);
}

static int next(void *context) {
	struct subject *subject = context;

	return hold_waitset_next(subject->set, hold_after_ms(15000), &subject->found, &subject->tag);
}

static void judge_next(void *context, int result, const struct nth_failure *failure) {
	struct subject *subject = context;

	(void)failure; /* interruptions, through which it goes on */
	CHECK_EQ(result, 0);
	CHECK(subject->found == subject->ended && subject->tag == &tag_of_ended);
	end_set(subject, false, true);
}

TEST("the next that ended is told of through every interruption") {
	try_all("hold_waitset_next", prepare_both, next, judge_next);
}

static void prepare_sleeper(void *context) {
	struct subject *subject = context;

	prepare_both(subject);
	CHECK_EQ(hold_waitset_remove(subject->set, subject->ended), 0);
}

static int look(void *context) {
	struct subject *subject = context;

	return hold_waitset_next(subject->set, HOLD_NOW, &subject->found, NULL);
}

static void judge_look(void *context, int result, const struct nth_failure *failure) {
	struct subject *subject = context;

	CHECK_EQ(result, failure && failure->error == -ENOMEM ? -ENOMEM : HOLD_PENDING);
	CHECK(!subject->found);
	end_set(subject, false, true);
}

TEST("a look at a set of which none has ended is pending through every interruption, and what fails is handed out") {
	try_all("hold_waitset_next, now", prepare_sleeper, look, judge_look);
}

/* ---- taking out ---- */

static int take_out(void *context) {
	struct subject *subject = context;

	return hold_waitset_remove(subject->set, subject->ended);
}

static void judge_out(void *context, int result, const struct nth_failure *failure) {
	(void)failure;
	CHECK_EQ(result, 0);
	end_set(context, false, true);
}

TEST("one that was taken out is told of no more, whatever failed") {
	try_all("hold_waitset_remove", prepare_both, take_out, judge_out);
}

static int release_ended(void *context) {
	struct subject *subject = context;

	subject->ended = hold_release(subject->ended);
	return 0;
}

TEST("one that was released is told of no more, whatever failed") {
	try_all("hold_release of one in a set", prepare_both, release_ended, judge_out);
}

static int free_set(void *context) {
	struct subject *subject = context;

	return hold_waitset_free(subject->set) != NULL;
}

static void judge_free(void *context, int result, const struct nth_failure *failure) {
	struct subject *subject = context;

	(void)failure;
	CHECK_EQ(result, 0);
	CHECK_EQ(hold_waitset_new(&subject->set), 0); /* which takes them in: they are in none */
	CHECK_EQ(hold_waitset_add(subject->set, subject->ended, &tag_of_ended), 0);
	CHECK_EQ(hold_waitset_add(subject->set, subject->sleeper, &tag_of_sleeper), 0);
	end_set(subject, true, true);
}

TEST("the holds of a set that was freed are in none, whatever failed") {
	try_all("hold_waitset_free", prepare_both, free_set, judge_free);
}

CHECK_MAIN
