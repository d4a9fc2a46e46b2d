#!/bin/sh
# SPDX-License-Identifier: ISC
# hold wait --tree: until all that descends from a process has ended.
. "${0%/*}/../cli/tap.sh"

holds_both() {
	[ "$(find "/proc/$1/fd" -lname '*pidfd*' | wc -l)" -ge 2 ]
}

waits() {
	# The process itself ends when it is told to; what it has started, when the gate is opened.
	mkfifo go_on gate
	exec 3<>go_on
	sh -c 'sh -c "echo ready >started; read line <gate; echo >late" & read line <&3; exit 5' &
	process=$!
	await test -s started
	"$HOLD" wait --tree $process >out 2>err &
	waiter=$!
	await holds_both $waiter
	echo >&3
	sleep 0.1
	kill -0 $waiter || fail 'it did not wait for the descendant'
	echo >gate
	wait $waiter || fail "exit status $?"
	[ -e late ] || fail 'it did not wait for the descendant'
	wait $process || [ $? = 5 ]
}

check 'the process may have ended: what descends from it is waited for' waits

time_is_up() {
	sh -c 'sleep 1000 & sleep 1001' &
	run "$HOLD" wait --tree -T 100ms $!
	status_is 3
	output_is "$! runs"
	"$HOLD" stop -q --tree $!
}
check 'with a time limit it waits no longer' time_is_up

finish
