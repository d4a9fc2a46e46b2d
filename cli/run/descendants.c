/* SPDX-License-Identifier: ISC */
#include "descendants.h"
#include "../common/message.h"
#include "../common/utf8.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { KEEPERS_END_MS = 2000 }; /* for a killed keeper to be gone, unless it hangs in a system call */

static bool lives(const struct hold_member *member) {
	return member->state != 'Z' && member->state != 'X';
}

static int count_one(void *context, const struct hold_member *member) {
	*(size_t *)context += lives(member);
	return 0;
}

static int add_one(void *context, const struct hold_member *member) {
	return lives(member) ? members_add(context, member) : 0;
}

static void be_no_subreaper(struct descendants *all) {
	all->self = hold_release(all->self);
	hold_orphans_adopt(0);
}

/* Where the tree cannot be listed now, the kernel's word that hold has no child at all says that there is none. */
static bool has_children(void) {
	siginfo_t ended;

	return waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT | __WALL) == 0 || errno != ECHILD;
}

int descendants_begin(struct descendants *all, bool is_thorough) {
	size_t others = 0;
	int error = hold_orphans_adopt(1);

	if (error == 0)
		error = hold_adopt(&all->self, getpid());
	if (error == 0) /* where no signal goes through a descriptor none of them could be ended */
		error = hold_signal(all->self, 0);
	if (error == 0 && (is_thorough || has_children()))
		error = hold_tree_list(all->self, count_one, &others);
	/* Children that this process had before it became hold are not ours to end. */
	if (error == 0 && others)
		error = -EBUSY;
	if (error < 0)
		be_no_subreaper(all);
	return error;
}

void descendants_take(struct descendants *all, struct hold *command) {
	size_t count = 0;

	all->command = hold_containment(command) >= HOLD_CONTAIN_KEEPER ? command : NULL;
	if (!all->command && all->self && hold_tree_list(all->self, count_one, &count) < 0)
		be_no_subreaper(all);
}

/*
 * Called with the result of a call on the command's tree. If that says that the keeper was killed, hold's own tree is
 * used from now on. Returns whether the call is to be repeated. The kernel closes the socket of a killed keeper first,
 * and then makes the orphans children of hold: so the end of the keeper is waited for.
 */
static bool has_changed(struct descendants *all, int result) {
	struct pollfd keeper = { .events = POLLIN };

	if (result != -EOWNERDEAD || !all->command)
		return false;
	all->has_lost_keeper = true;
	if (!all->self)
		return false;
	keeper.fd = hold_tree_fd(all->command);
	if (keeper.fd >= 0)
		poll(&keeper, 1, KEEPERS_END_MS);
	all->command = NULL;
	return true;
}

static struct hold *tree_of(const struct descendants *all) {
	return all->command ? all->command : all->self;
}

int descendants_visit(struct descendants *all, hold_tree_visitor *visit, void *context) {
	const int result = hold_tree_list(tree_of(all), visit, context);

	return has_changed(all, result) ? hold_tree_list(tree_of(all), visit, context) : result;
}

bool descendants_have_keeper(const struct descendants *all) {
	return tree_of(all) != NULL;
}

bool descendants_live(struct descendants *all) {
	size_t count = 0;
	int result;

	if (all->command) {
		result = hold_tree_wait(all->command, HOLD_NOW);
		if (!has_changed(all, result))
			return result == HOLD_PENDING || result < 0;
	}
	/* A killed keeper that its hold has not reaped yet is in this list, but as a zombie: it does not live. */
	result = descendants_visit(all, count_one, &count);
	return count > 0 || (result < 0 && (!all->self || has_children()));
}

/* Processes that were made after the first count, and are killed, count as found too. */
void descendants_count_rung(struct descendants *all, int signal) {
	size_t count = 0;

	descendants_visit(all, count_one, &count);
	if (signal == SIGKILL)
		all->killed += count;
	if (!all->stopped || all->stopped < all->killed)
		all->stopped = count > all->killed ? count : all->killed;
}

int descendants_signal(struct descendants *all, int signal) {
	static const struct hold_rung kill = { .signal = SIGKILL, .wait_ms = 1000 };
	int result = hold_tree_signal(tree_of(all), signal);

	if (has_changed(all, result))
		return hold_tree_signal(tree_of(all), signal);
	/* Without the keeper the control group can still be killed; without a /proc of ours the keeper can kill. */
	if (all->command && (result == -EOWNERDEAD || result == -ENOSYS) && signal == SIGKILL)
		result = hold_tree_stop(all->command, &kill, 1, NULL, NULL, NULL);
	return result;
}

static int find_signallable(void *context, const struct hold_member *member) {
	*(bool *)context |= lives(member) && kill((pid_t)member->pid, 0) == 0;
	return *(bool *)context;
}

bool descendants_all_refuse(struct descendants *all) {
	bool found = false;

	descendants_visit(all, find_signallable, &found);
	return !found;
}

void descendants_note_left(struct descendants *all) {
	all->left_is_unknown = descendants_visit(all, add_one, &all->left) < 0;
}

bool descendants_has_survivor(const struct descendants *all, int64_t pid) {
	for (size_t i = 0; i < all->survivors.count; i++) {
		if (all->survivors.list[i].pid == pid)
			return true;
	}
	return false;
}

/* A command that was killed while another process traces it is in no list, but ends only when the tracer allows it. */
void descendants_note_survivors(struct descendants *all, struct hold *command) {
	int result;

	members_free(&all->survivors);
	result = descendants_visit(all, add_one, &all->survivors);
	if (command && hold_wait(command, HOLD_NOW, NULL) != 0 && !descendants_has_survivor(all, hold_pid(command)))
		descendants_add_command(all, command);
	if (result == HOLD_GONE)
		return;
	all->is_uncounted = result < 0 || (all->survivors.count == 0 && descendants_live(all));
}

static int note_end(struct descendants *all, int result) {
	if (result == HOLD_SURVIVORS && all->report.survivors > all->survivors.count)
		all->unnamed = all->report.survivors - all->survivors.count;
	all->is_uncounted = result == -EOWNERDEAD || (result == HOLD_SURVIVORS && !descendants_have_survived(all));
	return result;
}

int descendants_end(struct descendants *all, const struct hold_rung *ladder, size_t count) {
	int result;

	all->report.size = sizeof all->report;
	result = hold_tree_stop(tree_of(all), ladder, count, &all->report, add_one, &all->survivors);
	if (has_changed(all, result))
		result = hold_tree_stop(tree_of(all), ladder, count, &all->report, add_one, &all->survivors);
	return note_end(all, result);
}

int descendants_begin_end(struct descendants *all, const struct hold_rung *ladder, size_t count) {
	all->report.size = sizeof all->report;
	all->ladder = ladder;
	all->ladder_count = count;
	return hold_tree_stop_begin(tree_of(all), ladder, count);
}

int descendants_step_end(struct descendants *all) {
	int result = hold_stop_step(tree_of(all), &all->report);

	if (result == HOLD_PENDING)
		return result;
	if (has_changed(all, result)) {
		result = descendants_begin_end(all, all->ladder, all->ladder_count);
		return result == 0 ? HOLD_PENDING : result;
	}
	if (result == HOLD_SURVIVORS)
		descendants_visit(all, add_one, &all->survivors);
	return note_end(all, result);
}

int descendants_end_fd(struct descendants *all, int64_t *ret_deadline) {
	*ret_deadline = hold_stop_deadline(tree_of(all));
	return hold_stop_fd(tree_of(all));
}

void descendants_add_command(struct descendants *all, const struct hold *command) {
	struct hold_member member = { .size = sizeof member, .user = HOLD_NO_USER, .state = '?', .command = "?" };
	struct hold_description now = { .size = sizeof now };
	const int length = hold_reference(command, member.reference, sizeof member.reference);

	if (length < 0 || (size_t)length >= sizeof member.reference)
		member.reference[0] = 0;
	member.pid = hold_pid(command);
	if (hold_describe(command, &now) == 0) {
		member.parent = now.parent;
		member.user = now.user;
		member.state = now.state;
		snprintf(member.command, sizeof member.command, "%s", now.command);
	}
	members_add(&all->survivors, &member);
}

bool descendants_have_survived(const struct descendants *all) {
	return all->survivors.count || all->unnamed || all->is_uncounted;
}

/* Without /proc: looks at each ended child before it is reaped, so that the command is not reaped here. */
static void reap_blindly(struct hold *command) {
	siginfo_t ended;

	for (;;) {
		hold_wait(command, HOLD_NOW, NULL);
		ended.si_pid = 0;
		if (waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT) < 0 || !ended.si_pid)
			return;
		if (ended.si_pid == hold_pid(command))
			return; /* its hold reaps it */
		if (waitid(P_PID, (id_t)ended.si_pid, &ended, WEXITED | WNOHANG) < 0)
			return;
	}
}

void descendants_reap(const struct descendants *all, struct hold *command, bool is_init) {
	if (!all->self && !is_init)
		return;
	if (hold_orphans_reap(NULL, NULL) < 0 && hold_containment(command) < HOLD_CONTAIN_KEEPER)
		reap_blindly(command);
}

void say_member(const char *what, const struct hold_member *member) {
	char command[sizeof member->command];

	if (member->state == '?') {
		say("%s: process %" PRId64 " (not shown by /proc)", what, member->pid);
		return;
	}
	memcpy(command, member->command, sizeof command);
	utf8_trim(command, sizeof command); /* the library may cut within a character */
	say("%s: process %s of user %" PRIu32 ", state %c: %s", what, member->reference, member->user, member->state,
	    command);
}

void descendants_free(struct descendants *all) {
	members_free(&all->left);
	members_free(&all->survivors);
	hold_release(all->self);
}
