/* SPDX-License-Identifier: ISC */
#include "suspend.h"
#include "caught.h"
#include "input.h"
#include "job-control.h"
#include "recording.h"
#include "../common/terminal-size.h"
#include "user-terminal.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>

enum { STOP_LOOK_MS = 50, REDRAW_MS = 50, OUTPUT_MS = 200 };

/* ---- the terminals ---- */

void run_follow_size(const struct run *run) {
	struct hold_winsize winsize;

	if (!run->line->winsize.rows && terminal_size(run->user_terminal, &winsize))
		hold_terminal_resize(run->hold, &winsize);
}

void run_give_terminal_back(const struct run *run) {
	user_terminal_restore();
	hold_terminal_restore(run->hold, HOLD_RESTORE_NEVER);
}

bool run_put_screen_back(struct run *run) {
	char off[SCREEN_TEXT];
	const size_t length = screen_off(&run->relay->screen, off);

	return length && relay_add_text(run->relay, off, length);
}

/* A program that compares the size with the one that it knows would not draw anew for the same size. */
void run_redraw(struct run *run) {
	struct hold_winsize winsize;

	run_follow_size(run);
	if (!run->relay || !terminal_size(hold_stream(run->hold, HOLD_TERMINAL), &winsize) ||
	    winsize.rows == UINT16_MAX)
		return;
	run->size = winsize;
	winsize.rows++;
	if (hold_terminal_resize(run->hold, &winsize) == 0)
		run->size_back_at = hold_after_ms(REDRAW_MS);
}

/* The terminal was another program's meanwhile: the command's screen is switched on again, and drawn anew. */
static void come_back(struct run *run) {
	run->is_away = false;
	if (run->screen_on_length)
		relay_add_text(run->relay, run->screen_on, run->screen_on_length);
	run->screen_on_length = 0;
	run_redraw(run);
}

/* The keeper puts the modes back if hold is killed, but not under a program that has the terminal meanwhile. */
void run_take_terminal(struct run *run) {
	if (!run->relay || !run->relay->in_is_terminal || user_terminal_is_raw())
		return;
	if (!user_terminal_is_in_front(run->input) || !input_is_wanted(run))
		return;
	hold_terminal_restore(run->hold, HOLD_RESTORE_UNTIL_RELEASE);
	hold_relay_take_ahead(run->relay->relay);
	user_terminal_make_raw(run->input);
	if (run->is_away)
		come_back(run);
}

void run_look_at_front(struct run *run) {
	if (!run->relay || !run->relay->in_is_terminal || user_terminal_is_raw())
		return;
	run->is_away |= !user_terminal_is_in_front(run->input);
}

void run_look_at_size(struct run *run) {
	if (hold_now() < run->size_back_at)
		return;
	run->size_back_at = HOLD_FOREVER;
	hold_terminal_resize(run->hold, &run->size);
	run_follow_size(run); /* it may have changed meanwhile */
}

/* ---- with a terminal of the command's own ---- */

static void continue_group(const struct run *run) {
	if (hold_group_signal(run->hold, SIGCONT) == -ENOSYS)
		hold_signal(run->hold, SIGCONT);
}

/*
 * What the command wrote before it stopped, as the sequence that leaves the alternate screen, comes before the prompt.
 * But not for ever: another process of the tree may write on.
 */
static void deliver_output(struct run *run) {
	const int64_t deadline = hold_after_ms(OUTPUT_MS);
	struct pollfd fds[RELAY_FDS];

	do
		relay_prepare(run->relay, fds, false);
	while (poll(fds, RELAY_FDS, relay_has_rest(run->relay) ? OUTPUT_MS : 0) > 0 && hold_now() < deadline &&
	       (relay_move(run->relay, fds), true));
}

/* The shell's prompt must not come into the alternate screen, nor does a keeper switch that off under the shell. */
static void give_screen_back(struct run *run) {
	deliver_output(run);
	run->screen_on_length = screen_on(&run->relay->screen, run->screen_on);
	if (run_put_screen_back(run))
		deliver_output(run);
	screen_take_change(&run->relay->screen);
	hold_terminal_restore_text(run->hold, NULL, 0);
	run->is_away = true;
}

/*
 * The kernel discards the signal where no shell could continue us. Then nothing stops, and the command goes on. If the
 * time limit has woken us the command is ended: it is not to draw its screen over the prompt before.
 */
static void stop_with_command(struct run *run, bool is_for_all) {
	if (run->relay)
		give_screen_back(run);
	recording_write(run->recording);
	run_give_terminal_back(run);
	if (is_for_all)
		kill(0, SIGTSTP);
	caught_stop(SIGTSTP);
	if (hold_now() >= run->time_limit)
		return;
	if (job_control_is_stopped(run->hold))
		continue_group(run);
	run_take_terminal(run);
	if (run->relay && run->is_away && user_terminal_is_in_front(run->user_terminal))
		come_back(run);
}

/* From a process it concerns hold alone. A ^Z concerns the whole job; the user's terminal knows only a part of it. */
void run_suspend(struct run *run, bool was_typed) {
	if (was_typed && run->relay)
		ioctl(hold_stream(run->hold, HOLD_TERMINAL), TIOCSIG, SIGTSTP);
	stop_with_command(run, false);
}

/* As the terminal does it, all processes of the job are stopped: of a pipeline, or the script that called hold. */
static void follow_stop(struct run *run) {
	const int signal = hold_job_signal(run->hold);

	if (signal <= 0 || run->stopping.under_way || run->timed_out || !job_control_is_stopped(run->hold))
		return;
	if (signal == SIGSTOP && !job_control_is_ours()) /* somebody has stopped it, and may continue it */
		return;
	stop_with_command(run, true);
}

/* ---- both ---- */

void run_notice_stop(struct run *run) {
	if (run->line->tty)
		follow_stop(run);
	/* If the terminal has stopped us with the command, we come here when both were continued. So look later. */
	else if (job_control_is_stopped(run->hold))
		run->look_at_stop = hold_after_ms(STOP_LOOK_MS);
}

void run_go_on(struct run *run) {
	if (run->look_at_stop != HOLD_FOREVER)
		run->look_at_stop = hold_after_ms(STOP_LOOK_MS);
	foreground_note(&run->foreground);
	if (job_control_is_stopped(run->hold))
		hold_signal(run->hold, SIGCONT);
}

void run_look_at_stop(struct run *run) {
	if (hold_now() < run->look_at_stop)
		return;
	run->look_at_stop = HOLD_FOREVER;
	if (run->stopping.under_way || !job_control_is_stopped(run->hold) || !job_control_is_ours())
		return;
	caught_stop(SIGSTOP);
	run_go_on(run);
}
