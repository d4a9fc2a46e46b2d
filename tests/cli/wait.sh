#!/bin/sh
# SPDX-License-Identifier: ISC
# The processes that are waited for are this shell's children, and so none of hold's.
. "${0%/*}/tap.sh"

knows_status() {
	"$HOLD" caps | grep -q '^yes  *status'
}

# A process that does what is said once `go` was called for its name, $1, and fails after half a minute. $2: a script.
process() {
	sh -c "for _ in \$(seq 600); do [ ! -e $1.go ] || { $2; }; sleep 0.05; done; exit 99" >/dev/null &
	process=$!
}

go() {
	: >"$1.go"
}

# Starts hold wait with these words, and returns when it holds as many processes as are among them.
begin_wait() {
	"$HOLD" wait "$@" >out 2>err &
	waiter=$!
	await holds $waiter "$(printf '%s\n' "$@" | grep -c '^[0-9][0-9:]*$')"
}

holds() {
	[ "$(find "/proc/$1/fd" -lname '*pidfd*' | wc -l)" -ge "$2" ]
}

# How it ended, with the shell having reaped $1... first.
end_wait() {
	for child in "$@"; do
		wait "$child"
	done
	wait "$waiter"
	status=$?
}

# What is to be printed of one that ended so, and the exit status, where only its parent may learn how.
expect_end() {
	if knows_status; then
		output_is "$1 $2"
		status_is 0
	else
		output_is "$1 unknown"
		status_is 2
	fi
	no_message
}

exited() {
	for code in 0 3 255; do
		process $code "exit $code"
		begin_wait $process
		no_output
		go $code
		end_wait $process
		expect_end $process "exited $code"
	done
}
check 'one that exits is told with its exit status, and how it ended is not the exit status' exited

signalled() {
	for signal in TERM KILL USR1; do
		process $signal 'exit 0'
		begin_wait $process
		kill -$signal $process
		end_wait $process
		expect_end $process "signalled SIG$signal"
	done
}
check 'one that was ended by a signal is told with its name' signalled

not_137() {
	process one 'exit 137'
	begin_wait $process
	go one
	end_wait $process
	expect_end $process 'exited 137'
}
check 'an exit status of 137 is told from an end by KILL' not_137

unreaped() {
	sh -c 'sleep 60 & echo $! >pid; exec sleep 60' &
	parent=$!
	await [ -s pid ]
	child=$(cat pid)
	begin_wait "$child"
	kill "$child"
	end_wait
	kill $parent
	status_is 2
	output_is "$child unknown"
	no_message
}
check 'one whose parent does not reap it is unknown, and that is 2' unreaped

time_is_up() {
	sleep 60 &
	for words in '-T 10ms' '--timeout 10ms' '--timeout=0.01' '-T0'; do
		# shellcheck disable=SC2086
		run "$HOLD" wait $words $!
		status_is 3
		output_is "$! runs"
		no_message
	done
	kill -STOP $!
	run "$HOLD" wait -T 10ms $!
	status_is 3
	output_is "$! runs"
	kill -KILL $!
}
check 'when time is up one that lives, or is stopped, is told to run, and that is 3' time_is_up

in_time() {
	process one 'exit 3'
	begin_wait -T 1h $process
	go one
	end_wait $process
	expect_end $process 'exited 3'
}
check 'a time that is long enough changes nothing' in_time

several() {
	process one 'exit 1'
	one=$process
	process two 'exit 2'
	two=$process
	process three 'exit 3'
	begin_wait $one $two $process
	for name in three one two; do
		go $name
	done
	end_wait $one $two $process
	if knows_status; then
		output_is "$one exited 1
$two exited 2
$process exited 3"
		status_is 0
	else
		status_is 2
	fi
	no_message
}
check 'of several all are waited for, and each is told in the order in which they were named' several

largest() {
	sleep 60 &
	lives=$!
	sleep 0 &
	wait $!
	gone=$!
	run "$HOLD" wait $gone
	status_is 1
	no_output
	is_short_message
	message_has "hold: wait: '$gone': No such process"
	run "$HOLD" wait -T 10ms $gone $lives
	status_is 3
	output_is "$lives runs"
	is_short_message
	process one 'exit 0'
	"$HOLD" wait $gone $process >out 2>err &
	waiter=$!
	await holds $waiter 1
	go one
	end_wait $process
	if knows_status; then
		status_is 1
		output_is "$process exited 0"
	else
		status_is 2
	fi
	is_short_message
	kill $lives
}
check 'the exit status is the largest that applies to any' largest

by_reference() {
	process one 'exit 3'
	reference=$("$HOLD" show $process | sed 's/ .*//; q')
	begin_wait "$reference"
	go one
	end_wait $process
	expect_end "$reference" 'exited 3'
	run "$HOLD" wait "$reference"
	status_is 2
	output_is "$reference unknown"
	is_short_message
	message_has "hold: wait: '$reference': has ended"
}
check 'a reference is taken; to one that has ended the answer comes too late, which is 2' by_reference

as_json() {
	process one 'exit 3'
	begin_wait --json $process
	go one
	end_wait $process
	if knows_status; then
		json_holds out "r == {'version': 1, 'process': '$process', 'outcome': 'exited', 'exit_status': 3}"
	else
		json_holds out "r == {'version': 1, 'process': '$process', 'outcome': 'unknown'}"
	fi
	process two 'exit 0'
	run "$HOLD" wait --json -T 10ms $process
	status_is 3
	json_holds out "r == {'version': 1, 'process': '$process', 'outcome': 'runs'}"
	begin_wait --json $process
	kill -TERM $process
	end_wait $process
	knows_status || return 0
	json_holds out "r['outcome'] == 'signalled'" "r['signal'] == 'SIGTERM'" 'r["signum"] == 15' \
		'r.get("core_dumped", False) is False' "r['process'] == '$process'" 'r["version"] == 1'
}
check '--json prints an object for each' as_json

misuse() {
	for words in '' '-T 1s' --json '-T soon 1' '-T' '--timeout= 1' '-T -1s 1' '--tmeout 1s 1' '-x 1' '--json=1 1'; do
		# shellcheck disable=SC2086
		run "$HOLD" wait $words
		is_refused
	done
	run "$HOLD" wait -T soon 1
	message_has "'soon': not a duration"
	run "$HOLD" wait --tmeout 1s 1
	message_has "hint: did you mean '--timeout'?"
}
check 'no process, no duration and an unknown option are misuse' misuse

no_process() {
	for target in '' 0 -1 12x 1.5 4294967297 99999999999999999999 : 1: :1 "$$:x"; do
		run "$HOLD" wait -T 0 -- "$target"
		status_is 1
		no_output
		is_short_message
		message_has "'$target'"
	done
	run "$HOLD" wait -T 0 -- x
	status_is 125
	no_output
	message_has "hold: wait: 'x': no run has this name"
}
check 'what is no process is an error that names it' no_process

unwritable() {
	for words in '' --json; do
		process "one$words" 'exit 3'
		# shellcheck disable=SC2086
		"$HOLD" wait $words -T 10ms $process >/dev/full 2>err
		status=$?
		[ $status = 125 ] || fail "wait $words of one that runs: exit status $status"
		is_short_message
		message_has 'No space left on device'
		# shellcheck disable=SC2086
		"$HOLD" wait $words $process >/dev/full 2>err &
		waiter=$!
		await holds $waiter 1
		go "one$words"
		end_wait $process
		[ $status = 125 ] || fail "wait $words of one that ended: exit status $status"
		is_short_message
		message_has 'No space left on device'
	done
}
check 'an answer that cannot be written is an error' unwritable

finish
