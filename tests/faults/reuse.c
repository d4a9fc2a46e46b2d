/* SPDX-License-Identifier: ISC */
/*
 * A member of a tree ends between the look at its number and the opening of its descriptor, and its number becomes a
 * stranger's at that very moment. By number the stranger is hit each time; by the tree never.
 */
#define CHECK_SECONDS 120
#include "../check.h"
#include "faults.h"

#include <pidhold.h>

enum { ROUNDS = 200 };

static int told[2], ordered[2]; /* pipes: what the parent of the victims says, and what it is told */
static pid_t victim, stranger;

/* A child of the host's that has one child after another, each as its number is asked for, and ignores SIGUSR1. */
static void breed(void) {
	char order;
	pid_t child;

	signal(SIGUSR1, SIG_IGN);
	while (read(ordered[0], &order, 1) == 1) {
		child = fork();
		if (child == 0) {
			signal(SIGUSR1, SIG_DFL);
			for (;;)
				pause();
		}
		if (write(told[1], &child, sizeof child) != sizeof child)
			_exit(1);
		waitpid(child, NULL, 0);
		if (write(told[1], &child, sizeof child) != sizeof child)
			_exit(1);
	}
	_exit(0);
}

static pid_t hear(void) {
	pid_t pid;

	CHECK(read(told[0], &pid, sizeof pid) == sizeof pid);
	return pid;
}

/* fork with a chosen number. -1: that cannot be had here. */
static pid_t fork_as(pid_t pid) {
	struct os_clone_args args = { .exit_signal = SIGCHLD, .set_tid = (uintptr_t)&pid, .set_tid_size = 1 };
	const long result = syscall(435 /* clone3 */, &args, sizeof args);

	if (result == 0) {
		alarm(CHECK_SECONDS);
		for (;;)
			pause();
	}
	return (pid_t)result;
}

static void reuse_number(void) {
	CHECK(kill(victim, SIGKILL) == 0);
	CHECK_EQ(hear(), victim);
	stranger = fork_as(victim);
}

static long reuse_at_open(const struct fault_call *call, enum fault_side side, int index) {
	(void)side, (void)index;
	if (call->number == CALL_PIDFD_OPEN && call->a == victim && !stranger)
		reuse_number();
	return 0;
}

/* A signal that ends a process is the one that it ends by from the moment it is sent: SIGKILL comes too late. */
static bool was_hit(void) {
	int status;

	CHECK(kill(stranger, SIGKILL) == 0);
	CHECK(waitpid(stranger, &status, 0) == stranger);
	return WTERMSIG(status) == SIGUSR1;
}

static struct hold *begin(pid_t *ret_breeder) {
	struct hold *h;

	CHECK(pipe2(told, 0) == 0 && pipe2(ordered, 0) == 0);
	*ret_breeder = fork();
	if (*ret_breeder == 0) {
		close(ordered[1]);
		breed();
	}
	CHECK_EQ(hold_adopt(&h, *ret_breeder), 0);
	return h;
}

static void end(struct hold *h, pid_t breeder) {
	hold_release(h);
	close(ordered[1]);
	CHECK(waitpid(breeder, NULL, 0) == breeder);
	close(ordered[0]);
	close(told[0]);
	close(told[1]);
}

static void next_victim(void) {
	CHECK(write(ordered[1], "", 1) == 1);
	victim = hear();
	stranger = 0;
}

TEST("a signal to a tree never hits who got a member's number between the look and the signal, and kill(2) does") {
	int hit_by_tree = 0, hit_by_number = 0;
	pid_t breeder;
	struct hold *h = begin(&breeder);

	for (int i = 0; i < ROUNDS; i++) {
		next_victim();
		fault_arm(reuse_at_open);
		CHECK_EQ(hold_tree_signal(h, SIGUSR1), 0);
		fault_disarm();
		if (stranger < 0) {
			end(h, breeder);
			SKIP("the number of a new process cannot be chosen here");
		}
		CHECK(stranger == victim);
		hit_by_tree += was_hit();

		next_victim();
		reuse_number();
		CHECK(stranger == victim && kill(victim, SIGUSR1) == 0);
		hit_by_number += was_hit();
	}
	end(h, breeder);
	CHECK_EQ(hit_by_tree, 0);
	CHECK_EQ(hit_by_number, ROUNDS);
}

CHECK_MAIN
