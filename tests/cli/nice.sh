#!/bin/sh
# SPDX-License-Identifier: ISC
. "${0%/*}/tap.sh"
. "${0%/*}/ordinary.sh"

need_room() {
	before=$(nice)
	[ "$before" -le 16 ] || skip 'the niceness is too high already'
}

# The niceness with so much more.
with() {
	echo $((before + $1 > 19 ? 19 : before + $1))
}

usual() {
	need_room
	run "$HOLD" nice nice
	status_is 0
	output_is "$(with 10)"
	no_message
}
check 'without -n the command is nicer by 10' usual

forms() {
	need_room
	for words in '-n 3' '-n3' '-n +3' '--adjustment 3' '--adjustment=3' '-3' '-+3' '-n 9 -n 3' '-9 -3' '-n -5 -3' \
		'-n 03' '-n 3 --'; do
		# shellcheck disable=SC2086
		run "$HOLD" nice $words nice
		status_is 0
		output_is $((before + 3))
		no_message
	done
}
check 'the increment is given as nice(1) takes it, and the last one counts' forms

clamped() {
	for words in '-n 100' '-100' '-n 2147483648' '-n 99999999999999999999999' '-99999999999999999999999'; do
		# shellcheck disable=SC2086
		run "$HOLD" nice $words nice
		status_is 0
		output_is 19
		no_message
	done
}
check 'beyond 19 the niceness is 19, however large the increment' clamped

told() {
	for words in '' --; do
		# shellcheck disable=SC2086
		run "$HOLD" nice $words
		status_is 0
		output_is "$(nice)"
		no_message
	done
	need_room
	run nice -n 3 "$HOLD" nice
	output_is $((before + 3))
}
check 'without a command the niceness is told' told

no_command() {
	for words in '-n 3' -3 '-n 3 --'; do
		# shellcheck disable=SC2086
		run "$HOLD" nice $words
		is_refused
	done
}
check 'an increment for no command is refused' no_command

no_number() {
	for value in '' x 5x 1.5 - 0x5 '5 5'; do
		run "$HOLD" nice -n "$value" touch started
		is_refused
		message_has "'$value'"
	done
	run "$HOLD" nice -5x touch started
	is_refused
	run "$HOLD" nice -n
	is_refused
	message_has "'-n'"
	run "$HOLD" nice --ajustment 5 touch started
	is_refused
	message_has "hint: did you mean '--adjustment'?"
	[ ! -e started ] || fail 'it was started'
}
check 'an increment that is no number is refused by name, and nothing is started' no_number

command_lines() {
	run "$HOLD" nice printf '%s,' -n 5 --help -7 -- '*' ''
	status_is 0
	output_is '-n,5,--help,-7,--,*,,'
	run "$HOLD" nice -- -5
	status_is 127
	message_has "'-5'"
}
check 'options end at the command, which gets its arguments as they are' command_lines

statuses() {
	run "$HOLD" nice sh -c 'exit 7'
	status_is 7
	run "$HOLD" nice no-such-command
	status_is 127
	is_short_message
	message_has "'no-such-command': No such file or directory"
	run "$HOLD" nice ''
	status_is 127
	echo >file
	for command in ./file /; do
		run "$HOLD" nice $command
		status_is 126
		is_short_message
		message_has "'$command': Permission denied"
	done
	run "$HOLD" nice sh -c 'kill -9 $$'
	status_is 137
}
check "the exit status is the command's; 126 it is not executable, 127 it was not found" statuses

in_place() {
	"$HOLD" nice sh -c 'echo $$' >out &
	wait $!
	output_is $!
}
check 'the command has the place of hold' in_place

link() {
	need_room
	ln -s "$HOLD" nice
	run ./nice
	status_is 0
	output_is "$before"
	run ./nice -n 3 ./nice
	status_is 0
	output_is $((before + 3))
	run ./nice -3 ./nice
	output_is $((before + 3))
	run ./nice ./no-such-command
	status_is 127
	run ./nice -n x true
	is_refused
	ln -s "$HOLD" other
	run ./other -n 3 nice
	is_refused
}
check 'through a link named nice hold is nice' link

advice() {
	need_ordinary
	run ordinary "$HOLD" nice -n -1 sh -c 'nice; exit 5'
	status_is 5
	output_is "$(nice)"
	is_short_message
	message_has 'hold: nice: cannot set the niceness: Operation not permitted'
}
check 'where the niceness may not be lowered this is said, and the command is executed all the same' advice

advice_unwritten() {
	need_ordinary
	ordinary "$HOLD" nice -n -1 touch "$PWD/started" 2>/dev/full
	status=$?
	status_is 125
	[ ! -e started ] || fail 'it was started'
}
check 'where that cannot even be said the command is not executed' advice_unwritten

lowered() {
	before=$(nice)
	wanted=$(nice -n -2 nice 2>/dev/null)
	[ "$wanted" != "$before" ] || skip 'lowering the niceness is not allowed to this user'
	run "$HOLD" nice -n -2 nice
	status_is 0
	output_is "$wanted"
	for words in '--2' '-n -100' '--100' '-n -99999999999999999999999'; do
		# shellcheck disable=SC2086
		run "$HOLD" nice $words nice
		status_is 0
		# shellcheck disable=SC2086
		output_is "$(nice $words nice)"
	done
}
check 'where the niceness may be lowered it is, to -20 at the least' lowered

# ---- of processes that run ----

niceness_of() {
	ps -o ni= -p "$1" | tr -d ' '
}

sleeper() {
	sleep 60 &
	sleeper=$!
}

# Also in a session of its own, whose niceness the kernel tells where it has one: then the line has that too.
process() {
	need_room
	sleeper
	run "$HOLD" nice -n 3 --pid $sleeper
	status_is 0
	no_message
	output_is "$sleeper: niceness $((before + 3))"
	[ "$(niceness_of $sleeper)" = $((before + 3)) ] || fail "the niceness is $(niceness_of $sleeper)"
	run "$HOLD" nice -2 --pid $sleeper
	output_is "$sleeper: niceness $(with 5)"
	run "$HOLD" nice --pid -n 100 $sleeper
	output_is "$sleeper: niceness 19"
	run "$HOLD" nice --pid $sleeper
	status_is 0
	output_is "$sleeper: niceness 19"
	kill $sleeper
}
check '--pid changes the niceness of a process that runs, and tells what is now in effect' process

threads() {
	need_room
	"$THREADS" 4 >ready &
	several=$!
	await grep -q ready ready
	run "$HOLD" nice -n 3 --pid $several
	status_is 0
	output_is "$several: niceness $((before + 3))"
	ps -L -o ni= -p $several | tr -d ' ' | sort -n >nicenesses
	kill $several
	# They were 0, 1, 2 and 3 above ours.
	for more in 3 4 5 6; do
		with $more
	done | cmp -s - nicenesses || fail "the threads' are $(tr '\n' ' ' <nicenesses)"
}
check '--pid changes all threads, each from where it was' threads

session() {
	need_room
	setsid sh -c 'echo $$ >leader; exec sleep 60' &
	await [ -s leader ]
	leader=$(cat leader)
	run "$HOLD" nice -n 3 --pid "$leader"
	group=$(sed -n 's/.*nice //p' "/proc/$leader/autogroup" 2>/dev/null)
	kill "$leader"
	status_is 0
	wanted="$leader: niceness $((before + 3))"
	[ -z "$group" ] || wanted="$wanted, its session's $group"
	output_is "$wanted"
}
check "--pid tells the niceness of the session of one that leads it" session

several() {
	need_room
	sleeper
	one=$sleeper
	sleep 0 &
	wait $!
	gone=$!
	sleeper
	run "$HOLD" nice -n 3 --pid $one $gone $sleeper
	kill $one $sleeper
	status_is 1
	output_is "$one: niceness $((before + 3))
$sleeper: niceness $((before + 3))"
	is_short_message
	message_has "hold: nice: '$gone': No such process"
}
check 'of several those that can be changed are, and 1 tells that one could not' several

by_reference() {
	need_room
	sleeper
	reference=$("$HOLD" show $sleeper | sed 's/ .*//; q')
	run "$HOLD" nice -n 3 --pid "$reference"
	status_is 0
	output_is "$reference: niceness $((before + 3))"
	kill $sleeper
	wait $sleeper
	run "$HOLD" nice -n 3 --pid "$reference"
	status_is 1
	no_output
	is_short_message
	message_has "'$reference': has ended"
}
check '--pid takes references' by_reference

no_process() {
	for target in '' x 0 -1 12x 4294967297 : 1: "$$:x"; do
		run "$HOLD" nice -n 3 --pid -- "$target"
		status_is 1
		no_output
		is_short_message
		message_has "'$target'"
	done
	run "$HOLD" nice --pid
	is_refused
	run "$HOLD" nice --pid=1
	is_refused
}
check '--pid refuses what is no process, and none at all' no_process

not_allowed() {
	need_ordinary
	need_room
	ordinary sh -c 'echo $$; exec sleep 60' >own.pid &
	await [ -s own.pid ]
	own=$(cat own.pid)
	run ordinary "$HOLD" nice -n 1 --pid "$own"
	status_is 0
	run ordinary "$HOLD" nice -n -1 --pid "$own"
	kill "$own"
	status_is 1
	no_output
	is_short_message
	message_has "hold: nice: '$own': Operation not permitted"
	[ "$(id -u)" -eq 0 ] || return 0
	sleeper
	run ordinary "$HOLD" nice -n 1 --pid $sleeper
	[ "$(niceness_of $sleeper)" = "$before" ] || fail "it was changed"
	kill $sleeper
	status_is 1
	no_output
	is_short_message
	message_has "hold: nice: '$sleeper': Operation not permitted"
}
check '--pid says where it is not allowed' not_allowed

unwritable() {
	sleeper
	for words in '' "-n 1 --pid $sleeper"; do
		# shellcheck disable=SC2086
		"$HOLD" nice $words >/dev/full 2>err
		status=$?
		status_is 125
		is_short_message
		message_has 'No space left on device'
	done
	kill $sleeper
}
check 'a niceness that cannot be told is an error' unwritable

finish
