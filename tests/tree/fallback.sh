#!/bin/sh
# SPDX-License-Identifier: ISC
# Systems that lack what containment needs: less is kept, hold says so, and what was asked for by name is refused.
. "${0%/*}/../cli/tap.sh"

# The filter is tried first, since 125 is hold's own status for a failure too.
without() {
	"${ACTORS}without" ENOSYS "$@" -- "$HOLD" --version >version || skip 'no system calls can be denied here'
}

refuses_by_name() {
	without wait4 waitid
	for way in keeper cgroup pidns; do
		run "${ACTORS}without" ENOSYS wait4 waitid -- "$HOLD" run --contain $way echo ran
		is_refused
		message_has "cannot start 'echo': containment"
	done
}
check 'a keeper that could not wait is refused before the command runs' refuses_by_name

no_status() {
	without wait4 waitid
	run "${ACTORS}without" ENOSYS wait4 waitid -- "$HOLD" run sh -c 'echo ran; exit 7'
	status_is 125
	output_is ran
	message_has "'sh' has ended, and this system tells nobody how"
}
check 'where no call waits the command runs, and its unknown status is told' no_status

no_keeper() {
	without socketpair
	run "${ACTORS}without" ENOSYS socketpair -- "$HOLD" run sh -c 'exit 7'
	status_is 7
	message_has "'sh': nothing ends the command's descendants here if hold itself is killed"
	run "${ACTORS}without" ENOSYS socketpair -- "$HOLD" run --quiet sh -c 'exit 7'
	status_is 7
	no_message
}
check 'a command without a keeper is reported, unless --quiet' no_keeper

has_ended() {
	[ ! -s processes ] || ! kill -0 $(cat processes)
}

ended_by_group() {
	status_is 124
	[ "$(wc -l <processes)" = 2 ] || fail 'not two processes were started'
	await has_ended
}

tree='sleep 600 & echo $! >processes; echo $$ >>processes; wait'

no_keeper_ends() {
	without socketpair
	run "${ACTORS}without" ENOSYS socketpair -- "$HOLD" run sh -c 'sleep 600 & echo $! >processes; exit 7'
	status_is 7
	has_ended || fail 'a descendant lives on'
}
check 'the descendants of a command without a keeper end when it ends' no_keeper_ends

timeout_without_pidfds() {
	without pidfd_open clone3 pidfd_send_signal
	run "${ACTORS}without" ENOSYS pidfd_open clone3 pidfd_send_signal -- "$HOLD" timeout 0.5 sh -c "$tree"
	ended_by_group
}
check 'hold timeout without pidfds ends what timeout(1) ends' timeout_without_pidfds

signals_without_pidfds() {
	without pidfd_send_signal
	run "${ACTORS}without" ENOSYS pidfd_send_signal -- "$HOLD" timeout 0.3 sh -c "$tree"
	ended_by_group
	run "${ACTORS}without" ENOSYS pidfd_send_signal -- "$HOLD" run -T 300ms -k 100ms sh -c 'trap "" TERM; exec sleep 600'
	status_is 124
	message_has 'this system lets hold keep the command alone'
}
check 'where no signal goes through a descriptor the time limit strikes all the same' signals_without_pidfds

timeout_without_proc() {
	run "${ACTORS}without-directory" /proc "$HOLD" timeout 0.5 sh -c "$tree"
	[ "$status" != 125 ] || skip "no mount namespace of one's own is to be had here"
	ended_by_group
}
check 'hold timeout without /proc ends what timeout(1) ends' timeout_without_proc

told_by_timeout() {
	without pidfd_open
	for error in ENOSYS EPERM; do
		run "${ACTORS}without" $error pidfd_open -- "$HOLD" timeout -k .1 .3 sh -c \
			'(trap "" TERM; exec setsid sleep 600) & echo $! >daemon; wait'
		kill -9 "$(cat daemon)" || fail 'this system keeps it'
		status_is 124
		[ "$(cat err)" = "timeout: 'sh' was told to end, but what it started in other process groups may live on" ] ||
			fail 'it is not told in one line'
		run "${ACTORS}without" $error pidfd_open -- "$HOLD" timeout 10 true
		status_is 0
		no_message
	done
}
check 'hold timeout that could not end all says so in a line, after a time-out alone' told_by_timeout

never_ready() {
	without sendmsg faccessat
	run timeout -s KILL 60 "${ACTORS}without" EAGAIN sendmsg -- "$HOLD" run --contain keeper echo ran
	is_refused
	run timeout -s KILL 60 "${ACTORS}without" EAGAIN faccessat -- "$HOLD" run --contain cgroup echo ran
	is_refused
}
check 'a start does not wait for ever for what is not to be had now, and never later' never_ready

finish
