#!/bin/sh
# SPDX-License-Identifier: ISC
. "${0%/*}/tap.sh"

# By its name, since a path in LD_PRELOAD ends at a space.
suspended() {
	run env LD_LIBRARY_PATH="${SUSPENDED%/*}" LD_PRELOAD="${SUSPENDED##*/}" "$HOLD" run --unset LD_PRELOAD "$@"
}

counts() {
	suspended --timeout 1h --count-suspend sleep 60
	status_is 124
	message_has "'sleep' reached its time limit of 1h"
}
check 'with --count-suspend a limit that passed while the system was suspended strikes' counts

on_terminal() {
	suspended --tty --timeout 1h --count-suspend sleep 60
	status_is 124
}
check 'also with a terminal' on_terminal

does_not_count() {
	suspended --timeout 1h sh -c 'sleep 1; exit 7'
	status_is 7
}
check 'without it the limit does not strike' does_not_count

later() {
	suspended --timeout 2h --count-suspend sh -c 'sleep 1; exit 7'
	status_is 7
}
check 'nor does one that has time left' later

not_suspended() { # by the clock as it is
	run "$HOLD" run --timeout 100ms --count-suspend sleep 60
	status_is 124
}
check 'a system that was not suspended has the same limit' not_suspended

no_limit() {
	run "$HOLD" run --count-suspend true
	status_is 125
	message_has '--count-suspend is about a time limit'
}
check '--count-suspend without a limit is refused' no_limit

closed() {
	run sh -c '"$0" run --timeout 1m --count-suspend sh -c "! test -e /proc/self/fd/0" <&-' "$HOLD"
	status_is 0
}
check 'the timer does not take the place of a closed stream' closed
finish
