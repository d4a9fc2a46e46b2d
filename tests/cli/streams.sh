#!/bin/sh
# SPDX-License-Identifier: ISC
. "${0%/*}/tap.sh"

passed_on() {
	echo in >file
	run "$HOLD" run sh -c 'cat; echo problem >&2' <file
	status_is 0
	output_is in
	[ "$(cat err)" = problem ] || fail 'not the standard error of the command'
}
check "the three streams are the caller's" passed_on

input() {
	echo content >file
	run "$HOLD" run --stdin file cat
	output_is content
	echo plus >+file
	run "$HOLD" run --stdin +file cat
	output_is plus
	run "$HOLD" run --stdin missing touch started
	is_refused
	message_has missing
	message_has 'No such file or directory'
	[ ! -e started ] || fail 'it was started'
}
check '--stdin reads from a file' input

output() {
	umask 027
	run "$HOLD" run --stdout file echo long long long
	status_is 0
	no_output
	[ "$(cat file)" = 'long long long' ] || fail 'not in the file'
	[ "$(stat -c %a file)" = 640 ] || fail "made with mode $(stat -c %a file)"
	run "$HOLD" run --stdout file echo short
	[ "$(cat file)" = short ] || fail 'the file was not emptied'
}
check '--stdout makes or empties a file' output

appended() {
	run "$HOLD" run --stdout +file echo one
	run "$HOLD" run --stdout=+file --stderr +file sh -c 'echo two; echo three >&2'
	status_is 0
	no_output
	no_message
	printf 'one\ntwo\nthree\n' | cmp -s - file || fail "$(cat file)"
	run "$HOLD" run --stdout ./+file echo four
	[ "$(cat ./+file)" = four ] || fail 'not in a file whose name begins with +'
}
check 'a plus before the name appends' appended

shared() {
	mkdir directory
	for names in 'file file' 'file ./file' 'file directory/../file' 'file +file' 'file directory/link' 'directory/link file'; do
		rm -f file directory/link
		[ "$names" = "${names%link*}" ] || { : >file && ln -s ../file directory/link; }
		for content in made emptied; do
			run "$HOLD" run --stdout "${names% *}" --stderr "${names#* }" sh -c \
				'echo out1; echo error >&2; echo out2'
			status_is 0
			printf 'out1\nerror\nout2\n' | cmp -s - file || fail "$names, $content: $(cat file)"
		done
	done
	run "$HOLD" run --stdout +file --stderr file sh -c 'echo out3; echo error >&2'
	[ "$(wc -l <file)" = 5 ] || fail "not appended to: $(cat file)"
}
check 'output and errors that go to one file share it, however its name is written' shared

apart() {
	mkdir directory
	run "$HOLD" run --stdout file --stderr directory/file sh -c 'echo out; echo error >&2'
	[ "$(cat file)" = out ] || fail 'standard output is not in its file'
	[ "$(cat directory/file)" = error ] || fail 'standard error is not in its file'
	run "$HOLD" run --stdout /nonexistent/file --stderr /absent/file touch started
	is_refused
	[ ! -e started ] || fail 'it was started'
}
check 'files of the same name in two directories are two files' apart

errors() {
	run "$HOLD" run --stderr file sh -c 'echo problem >&2; echo fine'
	output_is fine
	no_message
	[ "$(cat file)" = problem ] || fail 'not in the file'
	run "$HOLD" run --stderr file --timeout 50ms sleep 60
	message_has 'time limit'
	[ ! -s file ] || fail "hold's own messages are in the command's file"
}
check "--stderr takes the command's messages and not hold's" errors

unwritable() {
	for option in --stdout --stderr; do
		for file in /nonexistent/file +/nonexistent/file / ''; do
			run "$HOLD" run $option "$file" touch started
			is_refused
			message_has "${file#+}"
			[ ! -e started ] || fail 'it was started'
		done
	done
}
check 'a file that cannot be written is named, and nothing is started' unwritable

substitution() {
	command -v bash >/dev/null || skip 'no bash'
	# shellcheck disable=SC2016
	run bash -c '"$HOLD" run diff <(echo same; echo old) <(echo same; echo new)'
	status_is 1
	printf '2c2\n< old\n---\n> new\n' | cmp -s - out || fail 'not the difference'
}
check "a shell's process substitution works" substitution

high() {
	echo content >file
	run "$HOLD" run sh -c 'cat <&7; echo more >&8' 7<file 8>other
	output_is content
	[ "$(cat other)" = more ] || fail 'nothing was written to descriptor 8'
}
check 'descriptors above 2 that the caller left inheritable are passed on' high

closed_others() {
	echo four >four
	echo five >five
	# shellcheck disable=SC2016
	run "$HOLD" run --close-fds --fd 4 --fd 4 -- sh -c 'cat <&4; ls /proc/self/fd | wc -l' 4<four 5<five
	status_is 0
	no_message
	output_is "$(printf 'four\n5')" # 0 to 2, 4, and that of ls itself
	run "$HOLD" run --close-fds -- sh -c 'cat <&4' 4<four 5<five
	[ "$status" != 0 ] || fail 'descriptor 4 is passed'
	run "$HOLD" run --fd 4 -- sh -c 'cat <&4 <&5' 4<four 5<five
	output_is five
	run "$HOLD" run -t --close-fds --fd 5 -- sh -c 'cat <&5' 4<four 5<five
	[ "$(tr -d '\r' <out)" = five ] || fail 'descriptor 5 is not passed'
}
check '--close-fds closes what --fd does not pass' closed_others

no_descriptor() {
	for fd in 9 2 -1 x '' 99999999999; do
		run "$HOLD" run --fd "$fd" -- touch started 9>&-
		is_refused
		message_has '--fd'
		message_has 'hint: '
	done
	run "$HOLD" run --lifeline 5 --fd 5 -- touch started 5</dev/null
	is_refused
	[ ! -e started ] || fail 'it was started'
}
check 'what is no open descriptor above 2, and the lifeline, cannot be passed' no_descriptor

session() {
	# shellcheck disable=SC2016
	run "$HOLD" run --new-session -- sh -c 'cut -d " " -f 6,7 /proc/$$/stat; echo "$$ 0"'
	status_is 0
	no_message
	[ "$(sed -n 1p out)" = "$(sed -n 2p out)" ] || fail 'no session of its own, or with a terminal'
	# shellcheck disable=SC2016
	run "$HOLD" run -t -- "$HOLD" run --new-session -- sh -c 'cut -d " " -f 6,7 /proc/$$/stat; echo "$$ 0"'
	[ "$(sed -n 1p out)" = "$(sed -n 2p out)" ] || fail 'on a terminal: no session of its own, or with a terminal'
}
check '--new-session gives the command a session of its own without a terminal' session

# $1: which of 0, 1 and 2 are closed; then the options
same_descriptors() {
	closed=$1
	shift
	: >plain
	: >held
	eval "'$ACTORS'show-state plain $closed 9<file"
	eval "\"\$HOLD\" run \"\$@\" '$ACTORS'show-state held $closed 9<file"
	sed -n '/^fd /p' plain | sort >plain-descriptors
	sed -n '/^fd /p' held | sort >held-descriptors
	[ -s plain-descriptors ] || fail 'the actor shows nothing'
	cmp -s plain-descriptors held-descriptors ||
		fail "$closed $*: $(diff plain-descriptors held-descriptors | tr '\n' ' ')"
}

none_of_holds() {
	: >file
	for closed in '' '<&-' '>&-' '2>&-' '<&- >&-' '<&- 2>&-' '>&- 2>&-' '<&- >&- 2>&-'; do
		same_descriptors "$closed"
		same_descriptors "$closed" --report report --audit audit --timeout 60s --chdir .
	done
}
check "the command has the caller's descriptors and none of hold's, whichever of 0, 1 and 2 are closed" none_of_holds

terminal_alone() {
	: >file
	: >plain
	: >held
	"${ACTORS}show-state" plain >out 9<file
	"$HOLD" run --tty --report report --audit audit "${ACTORS}show-state" held >out 9<file
	for which in plain held; do
		sed -n 's/^fd \([0-9]*\) .*/\1/p' $which | sort -n >$which-numbers
	done
	cmp -s plain-numbers held-numbers || fail "$(diff plain-numbers held-numbers | tr '\n' ' ')"
	[ "$(sed -n 's/^fd [012] //p' held | sort -u | wc -l)" = 1 ] || fail '0, 1 and 2 are not one terminal'
}
check "on a terminal of its own the command has none of hold's descriptors either" terminal_alone

some_closed() {
	run "$HOLD" run sh -c 'echo fine' <&-
	status_is 0
	output_is fine
	"$HOLD" run sh -c 'echo problem >&2' >&- 2>err
	status=$?
	status_is 0
	message_has problem
	run "$HOLD" run sh -c 'exit 3' 2>&-
	status_is 3
	"$HOLD" run sh -c 'exit 4' <&- >&- 2>&-
	status=$?
	status_is 4
	"$HOLD" run --no-such-option <&- >&- 2>&-
	status=$?
	status_is 125
}
check 'hold works with 0, 1 or 2 closed' some_closed

terminal_without() {
	run "$HOLD" run --tty --timeout 10s cat <&-
	status_is 0
	"$HOLD" run --tty --timeout 10s true >&- 2>err
	status=$?
	status_is 0
	run "$HOLD" run --tty --timeout 10s --stdout written sh -c 'cat; echo fine' <&- 2>&-
	status_is 0
	[ "$(cat written)" = fine ] || fail 'it did not run to its end'
}
check 'a terminal of its own works with 0, 1 or 2 closed' terminal_without

left_behind() {
	# shellcheck disable=SC2016
	run "$HOLD" run --orphans keep -q sh -c 'sleep 60 & echo $!'
	status_is 0
	kill -0 "$(cat out)" || fail 'hold waited for a process that has the output open'
	kill "$(cat out)"
}
check 'hold ends with the command, though another process has its output open' left_behind

large_files() {
	truncate -s 3G large 2>/dev/null || skip 'no file of 3 GiB can be made here'
	run "$HOLD" run --stdin large -- head -c 1
	status_is 0
	run "$HOLD" run --stdout +large -- echo
	status_is 0
	[ "$(stat -c %s large)" = 3221225473 ] || fail 'it did not grow'
}
check 'files of more than 2 GiB are read and grow' large_files

finish
