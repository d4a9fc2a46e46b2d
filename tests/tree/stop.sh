#!/bin/sh
# SPDX-License-Identifier: ISC
. "${0%/*}/../cli/tap.sh"

alone() {
	sleep 1000 &
	run "$HOLD" stop $!
	status_is 0
	no_message
	wait $!
	status=$?
	status_is 143
}
check 'a process is ended' alone

by_ladder() {
	sh -c 'trap "" TERM; while :; do sleep 0.05; done' &
	sleep 0.2
	run "$HOLD" stop --ladder TERM,100ms,KILL $!
	status_is 0
	wait $!
	status=$?
	status_is 137
}
check 'one that ignores the first signal is ended by the ladder' by_ladder

# Writes as it begins to ignore TERM, and exits at USR1.
stubborn() {
	sh -c 'trap "" TERM; trap "exit 9" USR1; echo >ready; while :; do sleep 0.02; done' &
	stubborn=$!
	await test -s ready
}

without_kill() {
	for tree in '' --tree; do
		rm -f ready
		stubborn
		# shellcheck disable=SC2086
		run "$HOLD" stop $tree --ladder TERM,50ms $stubborn
		status_is 123
		[ -n "$tree" ] || message_has "'$stubborn': lives on, the ladder being at its end"
		[ -z "$tree" ] || message_has "could not be ended: process $stubborn"
		kill -0 $stubborn || fail 'it was ended'
		kill -USR1 $stubborn
		wait $stubborn
		[ $? = 9 ] || fail 'another status'
	done
}
check 'one that lives at the end of a ladder without KILL is named, and the status is 123' without_kill

forbidden() {
	[ "$(id -u)" = 0 ] || skip 'no process of another user can be started by this one'
	stubborn
	for tree in '' --tree; do
		# shellcheck disable=SC2086
		run "$HOLD" run --user nobody -- "$HOLD" stop $tree --ladder TERM,50ms,KILL,50ms $stubborn
		[ $status != 0 ] || fail 'it is said to be ended'
		message_has "$stubborn"
	done
	kill -0 $stubborn || fail 'it was ended'
	kill -USR1 $stubborn
	wait $stubborn
	[ $? = 9 ] || fail 'another status'
}
check "another user's process is not said to be ended" forbidden

tree() {
	mark=2345.$$
	sh -c "sleep $mark & setsid sleep $mark & wait" &
	until [ "$(pgrep -fxc "sleep $mark")" = 2 ]; do sleep 0.01; done
	run "$HOLD" stop --tree $!
	status_is 0
	message_has '3 terminated, 0 killed'
	! pgrep -fx "sleep $mark" >/dev/null || fail 'something is left'
}
check 'with --tree all that descends from it is ended, and counted' tree

ended() {
	sleep 1000 &
	reference=$("$HOLD" show $! | sed 's/ .*//; q')
	run "$HOLD" stop -q "$reference"
	status_is 0
	no_message
	wait $!
	run "$HOLD" stop "$reference"
	status_is 0
	message_has "stop: '$reference': has ended"
	run "$HOLD" stop -q "$reference"
	status_is 0
	no_message
}
check 'a reference to a process that has ended is as good as its end, of which -q says nothing' ended

are_four() {
	[ "$("$HOLD" show $tree | grep -c '  sleep 100[0-3]$')" = 4 ]
}

short_of_descriptors() {
	sh -c 'sleep 1000 & (sleep 1001 & exec sleep 1002) & exec sleep 1003' &
	tree=$!
	await are_four
	for limit in 5 6; do
		run sh -c 'ulimit -n $1 && exec "$2" show $3' sh $limit "$HOLD" $tree
		[ $status != 0 ] || [ "$(grep -c '  sleep 100[0-3]$' out)" = 4 ] || fail "limit $limit: a part, and status 0"
		run sh -c 'ulimit -n $1 && exec "$2" stop --tree $3' sh $limit "$HOLD" $tree
		[ $status = 0 ] || are_four || fail "limit $limit: a part of it was ended"
	done
	"$HOLD" stop -q --tree $tree
}
check 'with too few descriptors nobody of a tree is ended, and hold show does not show a part as the whole' short_of_descriptors

misuse() {
	run "$HOLD" stop
	status_is 125
	run "$HOLD" stop nobody
	status_is 1
	message_has "'nobody': no run has this name"
	run "$HOLD" stop --ladder NOPE $$
	status_is 125
}
check 'what is no process, and none at all, is refused' misuse

finish
