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

misuse() {
	run "$HOLD" stop
	status_is 125
	run "$HOLD" stop nobody
	status_is 1
	message_has "'nobody': neither a pid nor a reference"
	run "$HOLD" stop --ladder NOPE $$
	status_is 125
}
check 'what is no process, and none at all, is refused' misuse

finish
