#!/bin/sh
# SPDX-License-Identifier: ISC
# Where hold is to refuse a number, signal 0 is sent: if it did not refuse, nothing would be hurt.
. "${0%/*}/tap.sh"

# The signal that ends a process when hold kill is called with these words and its pid.
signal_of() {
	sleep 60 &
	run "$HOLD" kill "$@" $!
	status_is 0
	no_output
	no_message
	wait $!
	ended=$?
}

usual() {
	signal_of
	[ $ended = 143 ] || fail "ended with $ended"
}
check 'without a word the signal is TERM' usual

signals() {
	for words in '-s TERM' '-s term' '-s SIGTERM' '-s sigTERM' '-s 15' '-sTERM' '--signal TERM' '--signal=15' \
		-TERM -15 -SIGTERM '-s TERM --' '-TERM --'; do
		# shellcheck disable=SC2086
		signal_of $words
		[ $ended = 143 ] || fail "$words: ended with $ended"
	done
	signal_of -9
	[ $ended = 137 ] || fail "-9: ended with $ended"
	signal_of -s USR1
	[ $ended = 138 ] || fail "USR1: ended with $ended"
	signal_of -RTMIN+2
	[ $ended = 164 ] || fail "RTMIN+2: ended with $ended"
}
check 'a signal is named in every usual way' signals

unknown_signal() {
	for words in '-s TREM' '-s 65' '-s -1' '-s SIG' '--signal RTMIN+99' -TREM -99; do
		# shellcheck disable=SC2086
		run "$HOLD" kill $words $$
		is_refused
	done
	run "$HOLD" kill -s TREM $$
	message_has 'hint: did you mean TERM?'
}
check 'an unknown signal is refused, with the nearest' unknown_signal

tested() {
	run "$HOLD" kill -s 0 $$
	status_is 0
	run "$HOLD" kill -0 $$
	status_is 0
	no_output
	no_message
}
check 'signal 0 tests and sends nothing' tested

no_process() {
	sleep 0 &
	wait $!
	run "$HOLD" kill -s 0 $!
	status_is 1
	no_output
	is_short_message
	message_has "'$!'"
	message_has 'No such process'
}
check 'a process that is not there is told, with exit status 1' no_process

several() {
	sleep 60 &
	one=$!
	sleep 60 &
	run "$HOLD" kill $one $!
	status_is 0
	wait $one
	[ $? = 143 ] || fail 'the first was not signalled'
	wait $!
	[ $? = 143 ] || fail 'the second was not signalled'
	run "$HOLD" kill -s 0 $one $$ $!
	status_is 64
	[ "$(grep -c 'No such process' err)" = 2 ] || fail 'not both are told'
	run "$HOLD" kill -s 0 $one $!
	status_is 1
}
check 'all of several are signalled; 64 tells that some were not, 1 that none was' several

refused() {
	for target in 0 1 -1 -2 -123456 00 +0 -0; do
		run "$HOLD" kill -s 0 -- $target
		[ $status = 1 ] || fail "$target: exit status $status"
		is_short_message
		message_has "'$target'"
	done
	run "$HOLD" kill -s 0 -- -1 $$ 0
	status_is 64
	for words in '-9 -1' '-s 0 -1' '-1' '-0 -5'; do
		# shellcheck disable=SC2086
		run "$HOLD" kill $words
		is_refused
	done
}
check 'the targets 0, 1, -1 and groups are refused with a sentence' refused

no_pid() {
	for target in '' word 12x 0x10 1.5 99999999999999999999 4294967297 18446744073709551617; do
		run "$HOLD" kill -s 0 -- "$target"
		[ $status = 1 ] || fail "'$target': exit status $status"
		is_short_message
		message_has "'$target'"
	done
}
check 'what is no pid is refused and never cut' no_pid

nothing() {
	for words in '' '-s TERM' -TERM --; do
		# shellcheck disable=SC2086
		run "$HOLD" kill $words
		is_refused
		message_has hint:
	done
}
check 'without a target there is nothing to do, which is misuse' nothing

reference_of() {
	python3 -c 'import os, sys
pid = int(sys.argv[1])
print(f"{pid}:{os.fstat(os.pidfd_open(pid)).st_ino}")' "$1"
}

by_reference() {
	"$HOLD" caps | grep -q '^yes  *reference' || skip 'no references by inode before Linux 6.9'
	sleep 60 &
	reference=$(reference_of $!)
	run "$HOLD" kill -s 0 "$!:1"
	status_is 1
	message_has "'$!:1'"
	run "$HOLD" kill "$reference"
	status_is 0
	no_message
	wait $!
	[ $? = 143 ] || fail 'it was not signalled'
	run "$HOLD" kill -s 0 "$reference"
	status_is 1
	is_short_message
	message_has 'has ended'
}
check 'a process is named by its reference too, and nobody else is meant' by_reference

reference_of_report() {
	run "$HOLD" run --report report true
	reference=$(python3 -c 'import json; print(json.load(open("report"))["reference"])')
	run "$HOLD" kill -s 0 "$reference"
	status_is 1
	is_short_message
	message_has 'has ended'
}
check 'the reference of a report names a process that has ended' reference_of_report

no_reference() {
	for target in : 1: :1 "$$:" "$$:x" "$$:1:2" 12x:5; do
		run "$HOLD" kill -s 0 "$target"
		[ $status = 1 ] || fail "'$target': exit status $status"
		is_short_message
		message_has "'$target'"
	done
}
check 'what is no reference is refused' no_reference

real_time() {
	first=$(python3 -c 'import signal; print(int(signal.SIGRTMIN))')
	last=$(python3 -c 'import signal; print(int(signal.SIGRTMAX))')
	for pair in "RTMIN:$first" "RTMIN+1:$((first + 1))" "SIGRTMAX:$last" "rtmax-2:$((last - 2))"; do
		sleep 60 &
		process=$!
		run "$HOLD" kill -s "${pair%:*}" $process
		status_is 0
		wait $process 2>/dev/null
		[ $? = $((128 + ${pair#*:})) ] || fail "${pair%:*} is another signal"
	done
	for name in RTMAX+1 RTMIN-1 RTMIN+ RTMIN+99 RTMAX-x; do
		run "$HOLD" kill -s $name $$
		is_refused
	done
}
check 'real-time signals count from RTMIN and RTMAX' real_time

version() {
	run "$HOLD" kill -V
	status_is 0
	grep -q '^hold [0-9]' out || fail 'not a version'
}
check '-V tells the version, and is no signal' version

list_all() {
	run "$HOLD" kill -l
	status_is 0
	no_message
	grep -qx '15 TERM' out && grep -qx '9 KILL' out || fail 'TERM or KILL is missing'
	python3 -c 'import signal; print("\n".join(f"{int(s)} {s.name[3:]}" for s in signal.Signals if 0 < s < 32))' >known
	grep -E '^([12]?[0-9]|3[01]) ' out >listed
	cmp -s known listed || fail "not the signals of the system: $(diff known listed)"
	while read -r number name; do
		[ "$("$HOLD" kill -l "$name")" = "$number" ] || fail "$name is not $number"
		[ "$("$HOLD" kill -l "$number")" = "$name" ] || fail "$number is not $name"
		[ "$("$HOLD" kill --list $((128 + number)))" = "$name" ] || fail "status $((128 + number)) is not $name"
	done <out
}
check '-l lists the signals of the system, and translates each of them' list_all

list_some() {
	run "$HOLD" kill -l TERM sigint 137 2
	status_is 0
	no_message
	output_is "$(printf '15\n2\nKILL\nINT')"
	run "$HOLD" kill -l TREM HUP
	status_is 1
	output_is 1
	message_has 'hint: did you mean TERM?'
	run "$HOLD" kill -l 127
	status_is 1
	is_short_message
	run "$HOLD" killpg -l
	is_refused
}
check '-l says of a word that it is no signal, and goes on' list_some

unknown_option() {
	run "$HOLD" kill --sginal 0 $$
	is_refused
	message_has "hint: did you mean '--signal'?"
	run "$HOLD" kill --sig 0 $$
	is_refused
	run "$HOLD" kill -s
	is_refused
}
check 'an unknown option is refused' unknown_option

finish
