#!/bin/sh
# SPDX-License-Identifier: ISC
. "${0%/*}/tap.sh"

not_found() {
	run "$HOLD" run no-such-command
	no_output
	is_short_message
	message_has "hold: cannot start 'no-such-command': "
	message_has 'No such file or directory'
	message_has 'hint: no directory of PATH has it'
	run "$HOLD" run ./no-such-command
	! grep -q PATH err || fail 'PATH has nothing to do with it'
}
check 'a command that is not found: what was tried, on what, why, and a hint' not_found

line_for_shell() {
	run "$HOLD" run 'echo one; echo two'
	status_is 127
	message_has "sh -c 'echo one; echo two'"
}
check 'a line for a shell is recognized as one' line_for_shell

other_failures() {
	echo >file
	printf '#!/nonexistent/interpreter\n' >script
	chmod +x script
	while IFS='|' read -r options command object why; do
		# shellcheck disable=SC2086
		run "$HOLD" run $options "$command"
		no_output
		is_short_message
		message_has "$object"
		message_has "$why"
	done <<-END
		|./file|./file|Permission denied
		|/|/|Permission denied
		|./script|/nonexistent/interpreter|No such file or directory
		--chdir /nonexistent|true|working directory|No such file or directory
		--stdin /nonexistent|true|/nonexistent|No such file or directory
		--stdout /nonexistent/f|true|/nonexistent/f|No such file or directory
		--stderr +/|true|/|Is a directory
		--report /nonexistent/f|true|/nonexistent/f|No such file or directory
		--audit /nonexistent/f|true|/nonexistent/f|No such file or directory
	END
}
check 'every failed start is told in one line' other_failures

verbose() {
	trap '' TERM
	run "$HOLD" run -v --timeout 50ms --kill-after 50ms --report report sleep 60
	no_output
	pid=$(python3 -c 'import json; print(json.load(open("report"))["pid"])')
	for signal in SIGTERM SIGCONT SIGKILL; do
		[ "$(grep -c "^hold: .*$signal.*$pid" err)" = 1 ] || fail "$signal to $pid is not told once"
	done
	[ "$(wc -l <err)" = 4 ] || fail 'not four lines'
	sed -n 's/.* after \([0-9.]*\) s (time limit)$/\1/p' err >times
	json_holds report '[format(s["at_seconds"], ".3f") for s in r["signals_sent"]] == open("times").read().split()'
	run "$HOLD" run -v true
	no_message
}
check '-v tells each signal that is sent' verbose

quiet() {
	run "$HOLD" run -q --timeout 50ms sleep 60
	no_message
	run "$HOLD" run -q no-such-command
	message_has no-such-command
	run "$HOLD" run -q --report /dev/full true
	message_has /dev/full
}
check '-q still tells what went wrong' quiet

plain() {
	unset NO_COLOR
	export TERM=xterm
	run "$HOLD" run no-such-command
	[ "$(tr -d '\n' <err | tr -d '[:print:]')" = '' ] || fail 'there are escape sequences'
}
check 'a message that is not for a terminal has no colour' plain

# $1: the calls that are refused, with EPERM; $2: a containment; $3: what it then needs.
needs() {
	# shellcheck disable=SC2086
	run "${ACTORS}without" EPERM $1 -- "$HOLD" run --contain "$2" true
	is_refused
	message_has "(needs $3)"
}

what_is_missing() {
	run "${ACTORS}without" EPERM execveat -- true
	[ "$status" != 125 ] || skip 'no system calls can be denied here'
	run "$HOLD" run --contain keeper true
	[ "$status" = 0 ] || skip 'there can be no keeper here'
	needs execveat keeper execveat
	run "${ACTORS}without" EPERM memfd_create -- "$HOLD" run --contain keeper true
	[ "$status" = 0 ] || # the keeper's program is installed
		needs memfd_create keeper 'hold-keeper installed, or memfd_create for an executable file'
	needs pidfd_open keeper 'pidfd_open: Linux 5.3'
	needs pidfd_send_signal keeper 'pidfd_send_signal: Linux 5.1'
	needs prctl:0=36 keeper 'PR_SET_CHILD_SUBREAPER: Linux 3.4'
	is_sanitized || needs 'clone3 clone:0&0x100' keeper 'clone with shared memory'
	run "$HOLD" run --contain cgroup true
	[ "$status" != 0 ] || needs mkdirat cgroup "the right to make groups in the caller's control group"
	run "$HOLD" run --contain pidns true
	[ "$status" != 0 ] || needs mount pidns 'a /proc that may be mounted in the PID namespace'
}
check 'where a containment is not to be had it is told what is missing' what_is_missing

without_proc() {
	! is_sanitized || skip 'AddressSanitizer itself needs /proc and /dev'
	run "${ACTORS}without-directory" /proc "$HOLD" show $$
	[ "$status" != 125 ] || skip 'no mount namespace of one'"'"'s own is to be had here'
	is_short_message
	message_has '(needs /proc of this PID namespace)'
	run "${ACTORS}without-directory" /proc "$HOLD" run --contain keeper true
	is_refused
	message_has '(needs /proc of this PID namespace)'
}
check 'where there is no /proc it is told that it is needed' without_proc

odd_names() {
	run "$HOLD" run "two
lines"
	status_is 127
	is_short_message
	run "$HOLD" "two
lines"
	status_is 125
	is_short_message
	run "$HOLD" run "$(printf 'bell\a-escape\033[31m')"
	status_is 127
	[ "$(tr -d '\n' <err | tr -d '[:print:]')" = '' ] || fail 'control characters go to the terminal'
}
check 'no name breaks a message into lines or writes control characters' odd_names

long_name() {
	run "$HOLD" run "./$(printf '%05000d' 0)"
	status_is 126
	is_short_message
	message_has 'ame too long' # the words are the C library's
}
check 'a long name does not hide why it failed' long_name

little_memory() {
	! is_sanitized || skip 'AddressSanitizer itself needs the address space'
	for kib in $(seq 2000 50 4000); do
		for verb in 'run --' 'timeout 1'; do
			(ulimit -v $kib && exec "$HOLD" $verb true) >out 2>err
			status=$?
			[ "$status" = 0 ] || [ -s err ] || fail "$verb: $kib KiB of memory: status $status, and not a word"
		done
	done
}
check 'where there is no memory for a message there is one all the same' little_memory

finish
