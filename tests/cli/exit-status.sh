#!/bin/sh
# SPDX-License-Identifier: ISC
. "${0%/*}/tap.sh"

own() {
	for wanted in 0 1 2 7 123 126 127 254 255; do
		run "$HOLD" run sh -c "exit $wanted"
		status_is $wanted
		no_output
		no_message
	done
}
check "the exit status is the command's own" own

limit() {
	run "$HOLD" run --timeout 50ms sleep 60
	status_is 124
}
check 'it is 124 when the time limit struck' limit

limit_and_success() {
	trap '' TERM
	# The command ends once hold has told that it sent the signal.
	run "$HOLD" run --verbose --timeout 50ms --kill-after 60s --report report \
		sh -c 'until grep -q SIGTERM err; do sleep 0.05; done'
	status_is 124
	json_holds report 'r["exit_status"] == 0' 'r["timed_out"] is True'
}
check 'it is 124 when the command answered the time limit with success' limit_and_success

limit_and_kill() {
	trap '' TERM
	run "$HOLD" run --timeout 50ms --kill-after 50ms --report report sleep 60
	status_is 124
	json_holds report 'r["signal"] == "SIGKILL"'
}
check 'it is 124 when the ladder reached KILL' limit_and_kill

ok_statuses() {
	for ended in 'exit 3' 'kill -TERM $$'; do
		run "$HOLD" run --ok-status 3,143 --report report sh -c "$ended"
		status_is 0
		no_message
	done
	json_holds report 'r["signal"] == "SIGTERM"'
	run "$HOLD" run --ok-status 3 --ok-status 4 sh -c 'exit 4'
	status_is 0
	run "$HOLD" run --ok-status 3 sh -c 'exit 5'
	status_is 5
	run "$HOLD" run --ok-status 143 --timeout 50ms sleep 60
	status_is 124
	run "$HOLD" run --ok-status 143 -p --timeout 50ms sleep 60
	status_is 0
	run "$HOLD" run --ok-status 127 ./nothing
	status_is 127
	for words in x 256 -1 '' 3, 1,,2; do
		run "$HOLD" run --ok-status "$words" -- touch ran
		is_refused
	done
	[ ! -e ran ] || fail 'the command has run'
}
check 'a status of --ok-status is a success, if it is that of the command' ok_statuses

refuses_maps() {
	for words in TERM TERM= =TERM TERM=NOSUCH KILL=TERM CHLD=TERM TSTP=TERM NOSUCH=TERM; do
		run "$HOLD" run --map-signal $words -- touch ran
		is_refused
	done
	run "$HOLD" run --pass-to all -- touch ran
	is_refused
	[ ! -e ran ] || fail 'the command has run'
}
check 'a map of signals that makes no sense is refused' refuses_maps

failure_of_hold() {
	run "$HOLD" run
	status_is 125
	run "$HOLD" run --no-such-option true
	status_is 125
	run "$HOLD" run --chdir /nonexistent true
	status_is 125
	run "$HOLD" run --stdin /nonexistent true
	status_is 125
	run "$HOLD"
	status_is 125
}
check 'it is 125 when hold failed or was misused' failure_of_hold

report_not_written() {
	run "$HOLD" run --report /dev/full sh -c 'exit 3'
	status_is 125
	run "$HOLD" run --report /dev/full --timeout 50ms sleep 60
	status_is 125
}
check 'it is 125 when the report could not be written, whatever the command did' report_not_written

not_executable() {
	echo 'exit 0' >plain
	run "$HOLD" run ./plain
	status_is 126
	message_has 'Permission denied'
	run "$HOLD" run /
	status_is 126
	run "$HOLD" run ./plain/below
	status_is 126
	message_has 'Not a directory'
}
check 'it is 126 when the command is there and cannot be executed' not_executable

no_interpreter() {
	printf '#!/nonexistent/interpreter\n' >script
	chmod +x script
	run "$HOLD" run ./script
	status_is 126
	message_has /nonexistent/interpreter
}
check "it is 126 when a script's interpreter is missing" no_interpreter

not_found() {
	for name in no-such-command /nonexistent/command ./no-such-command ''; do
		run "$HOLD" run "$name"
		status_is 127
		is_short_message
	done
}
check 'it is 127 when there is no such command' not_found

by_signal() {
	for signal in 1 3 6 9 10 11 12 13 14 15 34; do
		run "$HOLD" run sh -c "kill -$signal \$\$"
		status_is $((128 + signal))
	done
}
check 'it is 128+n when signal n ended the command' by_signal

# What the parent of hold sees: an exit status, or minus a signal.
as_seen_by_parent() {
	python3 -c 'import subprocess, sys; print(subprocess.call(sys.argv[1:]))' "$HOLD" run "$@"
}

interrupted() {
	run as_seen_by_parent sh -c 'kill -INT $$'
	output_is -2
}
check 'when the command died of SIGINT hold dies of it too' interrupted

interrupted_and_reported() {
	run as_seen_by_parent --report report sh -c 'kill -INT $$'
	output_is -2
	json_holds report 'r["outcome"] == "signalled"' 'r["signal"] == "SIGINT"'
}
check 'dying of SIGINT hold has written its report' interrupted_and_reported

interrupted_by_limit() {
	run as_seen_by_parent --timeout 50ms --signal INT sleep 60
	output_is 124
}
check 'when the time limit struck with SIGINT hold ends with 124' interrupted_by_limit

other_signals() {
	run as_seen_by_parent sh -c 'kill -TERM $$'
	output_is 143
	run as_seen_by_parent sh -c 'exit 130'
	output_is 130
}
check 'hold dies of no other signal, and of none when the command exited with 130' other_signals

finish
