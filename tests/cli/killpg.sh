#!/bin/sh
# SPDX-License-Identifier: ISC
# Where hold is to refuse a number, signal 0 is sent: if it did not refuse, nothing would be hurt.
. "${0%/*}/tap.sh"

# A group of two processes: its number, which is the first one's, is then in $group, and the other one in $second.
begin_group() {
	python3 -c 'import os
os.setsid()
os.execvp("sh", ["sh", "-c", "sleep 60 & echo $! >ready; sleep 60; exit"])' &
	group=$!
	await [ -s ready ]
	second=$(cat ready)
	rm ready
}

# It may not have been reaped by whoever is to do it.
has_ended() {
	case $(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null) in
	'' | Z* | X*) true ;;
	*) false ;;
	esac
}

whole_group() {
	for words in '' '-s TERM' -TERM '--signal=9' -9 '-s KILL --'; do
		begin_group
		# shellcheck disable=SC2086
		run "$HOLD" killpg $words "$group"
		status_is 0
		no_output
		no_message
		wait "$group"
		await has_ended "$second"
	done
}
check 'every process of the group is signalled' whole_group

several() {
	sleep 0 &
	no_group=$! # it was never one
	wait $no_group
	begin_group
	one=$group
	begin_group
	run "$HOLD" killpg -s 0 "$one" "$no_group" "$group"
	status_is 64
	message_has "'$no_group'"
	message_has 'No such process'
	run "$HOLD" killpg -s 0 "$no_group"
	status_is 1
	run "$HOLD" killpg -s KILL "$one" "$group"
	status_is 0
	wait "$one"
	[ $? = 137 ] || fail 'the first was not signalled'
	wait "$group"
	[ $? = 137 ] || fail 'the second was not signalled'
}
check 'of several groups 64 tells that some were not signalled, 1 that none was' several

refused() {
	own=$(cut -d ' ' -f 5 "/proc/$$/stat")
	for target in 0 1 -1 "$own" 00 01 +1; do
		run "$HOLD" killpg -s 0 -- "$target"
		[ $status = 1 ] || fail "$target: exit status $status"
		is_short_message
		message_has "'$target'"
	done
}
check "the targets 0, 1, -1 and one's own group are refused with a sentence" refused

no_group() {
	for target in '' word 12x -2 -123456 99999999999999999999 4294967297; do
		run "$HOLD" killpg -s 0 -- "$target"
		[ $status = 1 ] || fail "'$target': exit status $status"
		is_short_message
		message_has "'$target'"
	done
}
check 'what is no group is refused and never cut' no_group

nothing() {
	run "$HOLD" killpg
	is_refused
	run "$HOLD" killpg -s TREM 5
	is_refused
	message_has 'hint: did you mean TERM?'
	run "$HOLD" killpg --frobnicate 5
	is_refused
}
check 'misuse is told' nothing

finish
