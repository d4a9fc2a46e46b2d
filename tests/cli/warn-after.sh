#!/bin/sh
# SPDX-License-Identifier: ISC
. "${0%/*}/tap.sh"

warns() {
	run "$HOLD" run $1 --warn-after 50ms sh -c 'until grep -q runs err; do sleep 0.02; done; echo done; exit 3'
	status_is 3
	output_is done
	[ "$(cat err)" = "hold: 'sh' still runs after 50ms" ] || fail "not exactly one line"
}

once() {
	warns ''
}
check 'a command that still runs after the time of --warn-after is told of once, and goes on' once

on_terminal() {
	"$HOLD" run -t --warn-after 50ms sh -c 'until grep -q runs err; do sleep 0.02; done' >out 2>err </dev/null
	status=$?
	status_is 0
	no_output
	[ "$(cat err)" = "hold: 'sh' still runs after 50ms" ] || fail "not exactly one line"
}
check '--warn-after warns with --tty too' on_terminal

quiet() {
	warns --quiet
}
check '--quiet does not silence --warn-after, which was asked for' quiet

in_time() {
	run "$HOLD" run --warn-after 1h true
	status_is 0
	no_message
}
check 'a command that ends before the time of --warn-after is not told of' in_time

descendants() {
	run "$HOLD" run --warn-after 50ms --orphans wait sh -c '(until grep -q run err; do sleep 0.02; done) & exit 4'
	status_is 4
	message_has "'sh' still run"
}
check 'with --orphans wait --warn-after tells of descendants' descendants

refused() {
	for text in 0 '' 5x -1; do
		run "$HOLD" run --warn-after "$text" touch started
		is_refused
		message_has "--warn-after '$text'"
		[ ! -e started ] || fail "'$text': it was started"
	done
}
check 'a time of --warn-after that is none is refused' refused

finish
