/* SPDX-License-Identifier: ISC */
#include "descendants.h"
#include "message.h"
#include "utf8.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int count_one(void *context, const struct hold_member *member) {
	(void)member;
	++*(size_t *)context;
	return 0;
}

int descendants_begin(struct descendants *all) {
	size_t others = 0;
	int error = hold_subreaper(1);

	if (error == 0)
		error = hold_adopt(&all->self, getpid());
	if (error == 0)
		error = hold_tree_list(all->self, count_one, &others);
	/* Children that this process had before it became hold are not ours to end. */
	if (error == 0 && others)
		error = -EBUSY;
	if (error < 0) {
		all->self = hold_release(all->self);
		hold_subreaper(0);
	}
	return error;
}

void descendants_take(struct descendants *all, struct hold *command) {
	all->command = hold_containment(command) >= HOLD_CONTAIN_KEEPER ? command : NULL;
}

/* Whose tree it is now: `result` is what a call on the one before gave. Whether that call is to be made again. */
static bool has_changed(struct descendants *all, int result) {
	if (result != -EOWNERDEAD || !all->command || !all->self)
		return false;
	all->command = NULL;
	return true;
}

static struct hold *tree_of(const struct descendants *all) {
	return all->command ? all->command : all->self;
}

static void list(struct descendants *all, hold_tree_visitor *visit, void *context) {
	if (has_changed(all, hold_tree_list(tree_of(all), visit, context)))
		hold_tree_list(tree_of(all), visit, context);
}

bool descendants_are_kept(const struct descendants *all) {
	return tree_of(all) != NULL;
}

size_t descendants_count(struct descendants *all) {
	size_t count = 0;

	list(all, count_one, &count);
	return count;
}

/* Who is made meanwhile, and killed, was found as well. */
static void count_rung(struct descendants *all, int signal) {
	const size_t count = descendants_count(all);

	if (signal == SIGKILL)
		all->killed += count;
	if (!all->stopped || all->stopped < all->killed)
		all->stopped = count > all->killed ? count : all->killed;
}

int descendants_signal(struct descendants *all, int signal) {
	int result;

	if (signal != SIGCONT)
		count_rung(all, signal);
	result = hold_tree_signal(tree_of(all), signal);

	return has_changed(all, result) ? hold_tree_signal(tree_of(all), signal) : result;
}

void descendants_note_left(struct descendants *all) {
	list(all, members_add, &all->left);
}

void descendants_reap(const struct descendants *all, struct hold *command) {
	const bool is_child = hold_containment(command) < HOLD_CONTAIN_KEEPER;
	siginfo_t ended;

	if (!all->self)
		return;
	for (;;) {
		hold_wait(command, HOLD_NOW, NULL);
		ended.si_pid = 0;
		if (waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT) < 0 || !ended.si_pid)
			return;
		if (is_child && ended.si_pid == hold_pid(command) && hold_wait(command, HOLD_NOW, NULL) != 0)
			return; /* it ends just now, and is its hold's to reap */
		if (!is_child || ended.si_pid != hold_pid(command))
			waitpid(ended.si_pid, NULL, WNOHANG);
	}
}

void descendants_end(struct descendants *all, const struct hold_rung *ladder, size_t count) {
	int result;

	all->report.size = sizeof all->report;
	result = hold_tree_stop(tree_of(all), ladder, count, &all->report, members_add, &all->survivors);
	if (has_changed(all, result))
		hold_tree_stop(tree_of(all), ladder, count, &all->report, members_add, &all->survivors);
}

void say_member(const char *what, const struct hold_member *member) {
	char command[sizeof member->command];

	memcpy(command, member->command, sizeof command);
	utf8_trim(command, sizeof command); /* the library cuts at a byte */
	say("%s: process %s of user %" PRIu32 ": %s", what, member->reference, member->user, command);
}

void descendants_free(struct descendants *all) {
	members_free(&all->left);
	members_free(&all->survivors);
	hold_release(all->self);
}
