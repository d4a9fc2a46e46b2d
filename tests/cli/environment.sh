#!/bin/sh
# SPDX-License-Identifier: ISC
. "${0%/*}/tap.sh"

set_variables() {
	export OLD=old KEPT=kept
	run "$HOLD" run --env OLD=new -e EMPTY= --env=LINES='a
b' -e 'EQUAL=x=y' -e TWICE=1 -e TWICE=2 \
		sh -c 'echo "$OLD,$EMPTY,$LINES,$EQUAL,$TWICE,$KEPT,${EMPTY-unset}"'
	output_is 'new,,a
b,x=y,2,kept,'
}
check '--env sets a variable, any number of times' set_variables

unset_variables() {
	export GONE=1 ALSO=2 AGAIN=3
	run "$HOLD" run -u GONE --unset ALSO --unset=NEVER_THERE -u AGAIN -e AGAIN=4 \
		sh -c 'echo "${GONE-unset} ${ALSO-unset} $AGAIN"'
	status_is 0
	output_is 'unset unset 4'
}
check '--unset removes a variable' unset_variables

cleared() {
	export GONE=1
	run "$HOLD" run --clear-env env
	status_is 0
	no_output
	run "$HOLD" run -e ONE=1 -i -e TWO=2 env
	printf 'ONE=1\nTWO=2\n' | cmp -s - out || fail 'not those alone that were set'
}
check '--clear-env leaves what --env sets, wherever it stands' cleared

sought_in_new_path() {
	mkdir directory
	printf '#!/bin/sh\necho found\n' >directory/some-command
	chmod +x directory/some-command
	run "$HOLD" run -e "PATH=$PWD/directory" some-command
	status_is 0
	output_is found
	run "$HOLD" run -e PATH=/nonexistent true
	status_is 127
}
check "the command is sought in the PATH that it gets" sought_in_new_path

unchanged() {
	env | sort >expected
	"$HOLD" run env | sort >held
	cmp -s expected held || fail "$(diff expected held)"
}
check 'without a word the environment is the same' unchanged

# shellcheck disable=SC2016
sockets() {
	echo socket >file
	cat >server <<-'END'
		[ "$LISTEN_PID" = $$ ] && [ "$LISTEN_FDS" = 1 ] && [ "$NOTIFY_SOCKET" = /run/notify ] && cat <&3
	END
	for option in '' -t '--contain none' '--contain group'; do
		# shellcheck disable=SC2086
		HOLD=$HOLD run sh -c 'LISTEN_PID=$$ LISTEN_FDS=1 NOTIFY_SOCKET=/run/notify exec "$HOLD" run -q "$@"' sh \
			$option -- sh server 3<file
		status_is 0
		[ "$(tr -d '\r' <out)" = socket ] || fail "$option: no socket"
	done
	LISTEN_PID=1 run "$HOLD" run -- sh -c 'echo $LISTEN_PID'
	output_is 1
	run "$HOLD" run -u LISTEN_PID -- sh -c 'echo ${LISTEN_PID-none}'
	output_is none
}
check 'sockets that are passed to hold are passed to the command, with its number' sockets

directory() {
	mkdir -p one/two
	for words in '-C one' '--chdir one' '--cwd one' '--cwd=one'; do
		# shellcheck disable=SC2086
		run "$HOLD" run $words pwd
		status_is 0
		output_is "$(pwd -P)/one"
	done
	run "$HOLD" run -C "$PWD/one/two" pwd
	output_is "$(pwd -P)/one/two"
	printf '#!/bin/sh\necho here\n' >one/command
	chmod +x one/command
	run "$HOLD" run --chdir one ./command
	output_is here
}
check '--chdir and --cwd name the directory' directory

files_of_caller() {
	mkdir one
	echo outside >file
	echo inside >one/file
	run "$HOLD" run --chdir one --stdin file --stdout written --report report --audit audit cat
	status_is 0
	for file in written report audit; do
		[ -s $file ] || fail "$file is not in the caller's directory"
	done
	[ "$(cat written)" = outside ] || fail "the input was not the caller's"
}
check "the files that options name are the caller's, not those of --chdir" files_of_caller

no_directory() {
	touch file
	run "$HOLD" run --chdir /nonexistent true
	is_refused
	message_has /nonexistent
	message_has 'No such file or directory'
	message_has 'working directory'
	run "$HOLD" run --chdir file true
	is_refused
	message_has 'Not a directory'
}
check 'a directory that is not there is named' no_directory

niceness() {
	before=$(nice)
	[ "$before" -le 16 ] || skip "the niceness is too high already"
	for words in '-n 3' '--nice 3' '--nice=3' '-n +3'; do
		# shellcheck disable=SC2086
		run "$HOLD" run --report report $words nice
		status_is 0
		output_is $((before + 3))
		json_holds report "r['niceness'] == $((before + 3))"
	done
	run "$HOLD" run --report report nice
	output_is "$before"
	json_holds report "r['niceness'] == $before"
	run "$HOLD" run --report report --nice 100 nice
	output_is 19
	json_holds report "r['niceness'] == 19"
}
check '--nice adds to the niceness, and the report tells the one in effect' niceness

lower_niceness() {
	before=$(nice)
	allowed=$(nice -n -2 nice 2>/dev/null)
	run "$HOLD" run --report report --nice -2 nice
	if [ "$allowed" = "$before" ]; then
		is_refused
		message_has niceness
		json_holds report 'r["outcome"] == "not_started"' 'r["error"]["step"] == "niceness"'
	else
		status_is 0
		output_is "$allowed"
		json_holds report "r['niceness'] == $allowed"
	fi
}
check 'a lower niceness is given where it is allowed, and else refused' lower_niceness

arguments() {
	run "$HOLD" run printf '[%s]' '' ' two words ' '*' 'line
line' '$HOME' "it's" '"'
	output_is "[][ two words ][*][line
line][\$HOME][it's][\"]"
}
check 'arguments arrive as they were given' arguments

mask() {
	umask 026
	run "$HOLD" run sh -c umask
	output_is 0026
}
check "the mask of new files' modes is the caller's" mask

finish
