#!/bin/sh
# SPDX-License-Identifier: ISC
. "${0%/*}/tap.sh"

# The fields that /proc has of a process whose name has no space: state, parent, group, session, niceness, threads.
read_stat() {
	# shellcheck disable=SC2046
	set -- $(cat "/proc/$1/stat")
	state=$3 parent=$4 group=$5 session=$6 niceness=${19} threads=${20}
}

is_in_state() {
	grep -q "^State:.$2" "/proc/$1/status"
}

sleeper() {
	sleep "$@" &
	sleeper=$!
	await grep -qx sleep /proc/$sleeper/comm
	await is_in_state $sleeper S
}

# By itself, as util-linux has it: the pid, and the inode of a descriptor of the process.
reference_of() {
	python3 -c 'import os, sys
pid = int(sys.argv[1])
print(f"{pid}:{os.fstat(os.pidfd_open(pid)).st_ino}")' "$1"
}

fields() {
	sleeper 60
	read_stat $sleeper
	run "$HOLD" show $sleeper
	kill $sleeper
	status_is 0
	no_message
	sed 's/^[^ ]* //' out >rest
	echo " state $state  parent $parent  group $group  session $session  user $(id -u)  niceness $niceness" \
		" threads $threads  sleep 60" | cmp -s - rest || fail 'the fields are not those of /proc'
	[ "$parent" = "$(cut -d ' ' -f 4 /proc/self/stat)" ] || [ "$state$threads" = S1 ] || fail '/proc was misread'
}
check 'state, parent, group, session, user, niceness, threads and command are told' fields

reference() {
	sleeper 60
	run "$HOLD" show $sleeper
	reference=$(sed 's/ .*//' out)
	[ "${reference%%:*}" = $sleeper ] || fail 'the reference does not begin with the pid'
	! "$HOLD" caps | grep -q '^yes  *reference' || [ "$reference" = "$(reference_of $sleeper)" ] ||
		fail "the reference is not $(reference_of $sleeper)"
	mv out by-pid
	run "$HOLD" show "$reference"
	status_is 0
	output_is "$(cat by-pid)"
	run "$HOLD" kill -s 0 "$reference"
	status_is 0
	kill $sleeper
	wait $sleeper
	run "$HOLD" show "$reference"
	status_is 1
	no_output
	is_short_message
	message_has "hold: show: '$reference': has ended"
}
check 'the reference names the process, for hold show too, until it has ended' reference

as_json() {
	sleeper 60
	read_stat $sleeper
	reference=$("$HOLD" show $sleeper | sed 's/ .*//; q')
	run "$HOLD" show --json $sleeper
	kill $sleeper
	status_is 0
	no_message
	json_holds out "r == {'version': 1, 'reference': '$reference', 'pid': $sleeper, 'state': '$state',
		'parent': $parent, 'group': $group, 'session': $session, 'user': $(id -u), 'niceness': $niceness,
		'threads': $threads, 'command': 'sleep 60', 'descendants': []}"
}
check '--json tells the same' as_json

several() {
	sleeper 60
	one=$sleeper
	sleep 0 &
	wait $!
	gone=$!
	sleeper 61
	run "$HOLD" show $sleeper $gone $one
	status_is 1
	[ "$(grep -o 'sleep 6.' out | tr '\n' ,)" = 'sleep 61,sleep 60,' ] || fail 'not both are told in their order'
	is_short_message
	message_has "hold: show: '$gone': No such process"
	run "$HOLD" show --json $sleeper $one
	status_is 0
	[ "$(grep -c '^{.*}$' out)" = 2 ] || fail 'not an object on a line for each'
	kill $one $sleeper
}
check 'each of several is told, and 1 tells that one could not be' several

states() {
	sleeper 60
	kill -STOP $sleeper
	await is_in_state $sleeper T
	run "$HOLD" show $sleeper
	grep -q ' state T ' out || fail 'a stopped process is not in state T'
	kill -KILL $sleeper
	# A shell may reap it before it executes anything else.
	python3 -c 'if True:
		import os, time
		pid = os.fork()
		if pid == 0:
			os.execvp("sleep", ["sleep", "0"])
		print(pid, flush=True)
		time.sleep(60)' >pid &
	await [ -s pid ]
	await is_in_state "$(cat pid)" Z
	run "$HOLD" show "$(cat pid)"
	status_is 0
	grep -q "^$(cat pid):[^ ]*  state Z  parent $!  .*  \[sleep\]$" out || fail 'a zombie is not told as such'
	kill $!
}
check 'a process that is stopped is in state T, and one that was not reaped in state Z, by its name' states

threads() {
	"$THREADS" 5 >ready &
	several=$!
	await grep -q ready ready
	run "$HOLD" show $several
	kill $several
	grep -q '  threads 5  ' out || fail 'not five threads'
}
check 'all threads are counted' threads

itself() {
	sh -c 'echo $$; exec "$HOLD" show $$' >told
	grep -q "^$(sed q told):[^ ]*  state R  .*  $HOLD show $(sed q told)\$" told || fail "$(cat told)"
}
check 'hold shows itself as well' itself

of_the_kernel() {
	grep -qsx kthreadd /proc/2/comm || skip "no thread of the kernel's is to be seen here"
	run "$HOLD" show 2
	status_is 0
	grep -q '^2:.*  parent 0  .*  user 0  .*  \[kthreadd\]$' out || fail 'it is not told as such'
}
check "a thread of the kernel's has its name in brackets" of_the_kernel

another_user() {
	[ "$(id -u)" -eq 0 ] || skip 'no process of another user can be started by this one'
	setpriv --reuid=65534 --regid=65534 --clear-groups true || skip 'this root cannot become another user'
	setpriv --reuid=65534 --regid=65534 --clear-groups sleep 60 &
	await grep -qx sleep /proc/$!/comm
	await is_in_state $! S
	run "$HOLD" show $!
	kill $!
	grep -q '  user 65534  .*  sleep 60$' out || fail 'the user is not its own'
}
check "another user's process is told as that" another_user

# A shell with these arguments, until there is a file `go`, or for half a minute.
odd() {
	echo 'for _ in $(seq 600); do [ ! -e go ] || exit; sleep 0.05; done' >script
	sh script "$@" >/dev/null &
	odd=$!
	await sh -c "tr '\\0' ' ' </proc/$odd/cmdline | grep -q '^sh script'"
}

odd_arguments() {
	odd 'two
lines' "$(printf 'bell\a-escape\033[31m')"
	run "$HOLD" show $odd
	cp out text
	run "$HOLD" show --json $odd
	: >go
	json_holds out 'r["command"] == "sh script two\nlines bell\a-escape\033[31m"'
	[ "$(grep -c "^[0-9]" text)" = 1 ] || fail 'not one line'
	[ "$(tr -d '\n' <text | tr -d '[:print:]')" = '' ] || fail 'control characters go to the terminal'
}
check 'no argument of a process breaks its line or writes control characters' odd_arguments

no_text() {
	odd "$(printf 'a\377b')"
	run "$HOLD" show --json $odd
	: >go
	json_holds out 'r["command"] == "sh script a\udcffb"'
}
check '--json tells bytes that are no text as \udc80 to \udcff' no_text

long_command() {
	sleeper 60 "$(printf '%0500d' 0)"
	run "$HOLD" show $sleeper
	kill $sleeper
	status_is 0
	grep -q "  sleep 60 $(printf '%0200d' 0)" out || fail 'the command is not told'
	[ "$(wc -l <out)" = 1 ] || fail 'not one line'
}
check 'a long command is cut' long_command

misuse() {
	for words in '' --json --; do
		# shellcheck disable=SC2086
		run "$HOLD" show $words
		is_refused
	done
	run "$HOLD" show --jsn 1
	is_refused
	message_has "hint: did you mean '--json'?"
	run "$HOLD" show -x 1
	is_refused
	for target in '' x 0 -1 12x 4294967297 : 1: "$$:x"; do
		run "$HOLD" show -- "$target"
		status_is 1
		no_output
		is_short_message
		message_has "'$target'"
	done
}
check 'what is no process is refused by name, and none at all' misuse

unwritable() {
	sleeper 60
	for words in '' --json; do
		# shellcheck disable=SC2086
		"$HOLD" show $words $sleeper >/dev/full 2>err
		status=$?
		[ $status = 125 ] || fail "show $words: exit status $status"
		is_short_message
		message_has 'No space left on device'
	done
	kill $sleeper
}
check 'an answer that cannot be written is an error' unwritable

finish
