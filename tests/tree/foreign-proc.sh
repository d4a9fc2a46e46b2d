#!/bin/sh
# SPDX-License-Identifier: ISC
# A /proc of another PID namespace, as `unshare --pid` leaves it without --mount-proc: its numbers are others'.
. "${0%/*}/../cli/tap.sh"

# $1: a script in a PID namespace that sees the /proc of its parent, where processes 10 to 40 are somebody else's.
# All who are in them end with their first process.
foreign() {
	as=
	unshare --pid --fork --mount-proc true 2>/dev/null || as='--user --map-root-user'
	unshare $as --pid --fork --mount-proc true 2>/dev/null ||
		skip 'no PID namespace with a /proc of its own is to be had here'
	export HOLD
	cat >outer <<-'END'
		for i in $(seq 2 40); do sleep 1000 & done
		unshare --pid --fork sh inner
		status=$?
		awk '{ print $19 }' /proc/[0-9]*/stat | sort -u >niceness
		exit $status
	END
	printf '%s\n' 'for i in $(seq 10); do true & done; wait' "$1" >inner
	run unshare $as --pid --fork --mount-proc sh outer
}

described() {
	foreign 'sleep 1000 & "$HOLD" show $!; echo $?; "$HOLD" nice -n 5 --pid $!; echo $?'
	output_is "$(printf '1\n1')"
	[ "$(wc -l <niceness)" = 1 ] || fail 'somebody else is nice now'
	message_has 'Function not implemented'
}
check 'no process is described or reniced by a /proc of others' described

same_number() {
	foreign '
		[ -w /proc/sys/kernel/ns_last_pid ] || exit 77
		sleep 1000 & target=$!
		there=$(readlink /proc/self)
		echo $there >/proc/sys/kernel/ns_last_pid || exit 77
		"$HOLD" show $target
		echo $?'
	[ "$status" != 77 ] || skip 'the number of a new process cannot be chosen here'
	output_is 1
}
check 'nor where hold itself has one number there and here' same_number

stopped() {
	foreign 'sleep 1000 & "$HOLD" stop --tree $!; echo $?; kill -0 $! && echo lives'
	output_is "$(printf '1\nlives')"
	foreign 'sleep 1000 & "$HOLD" stop $!; echo $?; wait $!; echo $?'
	output_is "$(printf '0\n143')"
}
check 'no tree is stopped by a /proc of others, and a process alone is' stopped

kept() {
	for way in keeper cgroup; do
		foreign "\"\$HOLD\" run --contain $way echo ran"
		status_is 125
		no_output
	done
	foreign '"$HOLD" run sh -c "echo ran; exit 7"'
	status_is 7
	output_is ran
	message_has 'this system lets hold keep the command alone'
}
check 'a keeper that would see others is refused by name, and without one hold says so' kept

in_namespace() {
	foreign '"$HOLD" run --contain pidns --timeout 300ms --ladder TERM,200ms,KILL \
		sh -c "trap \"\" TERM; setsid sleep 1000 & while :; do sleep 1; done"
		echo $?; for i in $(seq 3 90); do ! kill -0 $i 2>/dev/null || echo $i; done'
	[ "$status" != 125 ] || skip 'PID namespaces are not allowed here'
	output_is 124
}
check 'a PID namespace of its own has its own /proc, and ends with all that is in it' in_namespace

unborn() {
	as=
	unshare --pid true 2>/dev/null || as='--user --map-root-user'
	unshare $as --pid true 2>/dev/null || skip 'PID namespaces are not allowed here'
	# After the end of the init no process can be made there, which a sanitizer's look for leaks needs.
	export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0"
	run unshare $as --pid "$HOLD" run sh -c 'echo $$; exit 7'
	status_is 7
	output_is 1
	run unshare $as --pid "$HOLD" run --contain keeper echo ran
	status_is 125
	no_output
	message_has 'esource busy' # the words are the C library's
}
check 'in a PID namespace without processes the command is the init, and no keeper takes its place' unborn

finish
