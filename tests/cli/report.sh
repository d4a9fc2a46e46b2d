#!/bin/sh
# SPDX-License-Identifier: ISC
. "${0%/*}/tap.sh"

always='{"version", "command", "outcome", "started_at", "host", "boot_id"}'
times="{'wall_seconds', 'user_seconds', 'system_seconds'}"
contained="{'containment', 'orphans', 'survivors'}"
started="$always | $times | $contained | {'pid', 'reference', 'niceness', 'timed_out', 'signals_sent'}"
# Told only where the kernel tells the truth of it; of the tree what its control group and its keeper have counted.
perhaps="{'max_rss_kib', 'tree_user_seconds', 'tree_system_seconds', 'tree_memory_peak_kib', 'tree_read_bytes',
	'tree_written_bytes', 'tree_tasks_peak', 'tree_tasks_refused', 'descendants_signalled', 'descendants_core_dumped'}"

exited() {
	run "$HOLD" run --report report sh -c 'exit 7'
	status_is 7
	no_output
	json_holds report \
		'r["version"] == 1' \
		'next(iter(r)) == "version"' \
		'r["command"] == ["sh", "-c", "exit 7"]' \
		'r["outcome"] == "exited"' \
		'r["exit_status"] == 7' \
		'r["timed_out"] is False' \
		'r["signals_sent"] == []' \
		"set(r) - $perhaps == $started | {'exit_status'}"
}
check 'the report of a command that exited has all that is known and no more' exited

signalled() {
	run "$HOLD" run -o report sh -c 'kill -KILL $$'
	status_is 137
	json_holds report \
		'r["outcome"] == "signalled"' \
		'r["signal"] == "SIGKILL"' \
		'r["signum"] == 9' \
		'r["core_dumped"] is False' \
		"set(r) - $perhaps == $started | {'signal', 'signum', 'core_dumped'}"
	run "$HOLD" run -o report sh -c 'kill -36 $$'
	json_holds report 'r["signal"] == "SIGRTMIN+2"' 'r["signum"] == 36'
}
check 'the report of a command that a signal ended names the signal' signalled

not_started() {
	run "$HOLD" run --report report no-such-command
	status_is 127
	json_holds report \
		'r["outcome"] == "not_started"' \
		"set(r) == $always | {'error'}" \
		'r["error"]["object"] == "no-such-command"' \
		'r["error"]["errno"] == 2' \
		'r["error"]["step"] == "program"'
	run "$HOLD" run --report report --chdir /nonexistent true
	status_is 125
	json_holds report 'r["error"]["object"] == "/nonexistent"' 'r["error"]["step"] == "working directory"'
	run "$HOLD" run --report report --stdin /nonexistent true
	status_is 125
	json_holds report 'r["error"]["object"] == "/nonexistent"' 'r["error"]["errno"] == 2'
	echo >file
	run "$HOLD" run --report report ./file
	status_is 126
	json_holds report 'r["error"]["errno"] == 13'
}
check 'the report of a failed start has its step, object and errno' not_started

unknown() {
	run "${ACTORS}without" EPERM waitid -- "$HOLD" run --contain none --report report true
	[ -e report ] || skip 'no system calls can be denied here'
	status_is 125
	is_short_message
	json_holds report \
		'r["outcome"] == "unknown"' \
		"set(r) == ($started) - {'user_seconds', 'system_seconds', 'orphans', 'survivors'}"
}
check 'the report of a command of which the system does not tell how it ended says so' unknown

timed_out() {
	trap '' TERM
	run "$HOLD" run --report report --timeout 200ms --kill-after 100ms sleep 60
	status_is 124
	json_holds report \
		'r["outcome"] == "signalled"' \
		'r["timed_out"] is True' \
		'[s["signal"] for s in r["signals_sent"]] == ["SIGTERM", "SIGCONT", "SIGKILL"]' \
		'all(set(s) == {"signal", "at_seconds", "why"} for s in r["signals_sent"])' \
		'0.2 <= r["signals_sent"][0]["at_seconds"] <= r["signals_sent"][2]["at_seconds"]'
}
check 'the report of a time-out has the signals that were sent, when and why' timed_out

usage() {
	run "$HOLD" run --report report "${ACTORS}use" 60000 300
	status_is 0
	json_holds report \
		'r["user_seconds"] + r["system_seconds"] >= 0.29' \
		'r["wall_seconds"] >= 0.29' \
		'r.get("max_rss_kib", 60000) >= 59000'
	run "$HOLD" run --report report sleep 0.3
	json_holds report 'r["wall_seconds"] >= 0.299' 'r["user_seconds"] + r["system_seconds"] < 0.29'
}
check 'the report tells what was used' usage

odd_bytes() {
	odd=$(printf 'a\377"\\\001\t\n\177/\303\251\355\240\200\300\200\364\220\200\200z')
	run "$HOLD" run --report report sh -c : "$odd" ''
	status_is 0
	printf %s "$odd" >odd
	json_holds report 'r["command"][3].encode("utf-8", "surrogateescape") == open("odd", "rb").read()' \
		'r["command"][4] == ""'
}
check 'any bytes in an argument make a valid report, from which they can be had back' odd_bytes

on_output() {
	run "$HOLD" run --report - sh -c 'echo first; sleep 0.1; echo last'
	status_is 0
	[ "$(head -n 2 out | tr '\n' ' ')" = 'first last ' ] || fail 'not first what the command wrote'
	tail -n +3 out >report
	json_holds report 'r["exit_status"] == 0'
	run "$HOLD" run -o- printf unended
	sed 's/^unended//' out >report
	json_holds report 'r["exit_status"] == 0'
}
check "with - the report is on standard output after the command's last byte" on_output

on_output_of_terminal() {
	run "$HOLD" run --tty --report - "${ACTORS}write-bytes" 20000
	status_is 0
	head -c 20000 out >bytes
	tail -c +20001 out >report
	"${ACTORS}write-bytes" 20000 | cmp -s - bytes || fail 'not first what the command wrote'
	json_holds report 'r["exit_status"] == 0'
}
check "so it is with a terminal of the command's own" on_output_of_terminal

origin() {
	before=$(date -u +%Y-%m-%dT%H:%M:%S)
	run "$HOLD" run -o report --name 'nightly build' true
	after=$(date -u +%Y-%m-%dT%H:%M:%S)
	json_holds report 'r["name"] == "nightly build"' \
		"'$before' <= r['started_at'][:19] <= '$after'" \
		'__import__("re").fullmatch(r"[-0-9]{10}T[:0-9]{8}[.][0-9]{6}Z", r["started_at"])' \
		"r['host'] == '$(uname -n)'" \
		"r['boot_id'] == '$(cat /proc/sys/kernel/random/boot_id)'"
}
check 'the report tells the name, when and where the run was' origin

appended() {
	for status in 3 4; do
		run "$HOLD" run -o +reports sh -c "exit $status"
		status_is $status
	done
	head -n 1 reports >first
	json_holds first 'r["exit_status"] == 3'
	tail -n 1 reports >last
	json_holds last 'r["exit_status"] == 4'
	[ "$(wc -l <reports)" = 2 ] || fail "$(cat reports)"
	[ ! -e +reports ] || fail 'the plus is a part of the name'
	run "$HOLD" run -o +/nonexistent/reports touch started
	is_refused
	[ ! -e started ] || fail 'it was started'
}
check 'a plus before the name of the report appends to it' appended

as_text() {
	run "$HOLD" run --report report --report-format text sh -c 'exit 7'
	status_is 7
	no_output
	no_message
	grep -qx "command      sh -c exit 7" report || fail "$(cat report)"
	grep -qx "outcome      exited with status 7" report || fail "$(cat report)"
	grep -qE "^process      [1-9][0-9]*" report || fail "$(cat report)"
	run "$HOLD" run -q -T 100ms -o report --report-format text -- sleep 60
	grep -qx "outcome      killed by SIGTERM, after its time limit" report || fail "$(cat report)"
	grep -qE "^signal       SIGTERM after 0[.][0-9]{3} s [(]time limit[)]$" report || fail "$(cat report)"
	run "$HOLD" run --report report --report-format text no-such-command
	status_is 127
	grep -qx "outcome      not started: program no-such-command: No such file or directory" report ||
		fail "$(cat report)"
	! grep -v '^[a-z ]*[a-z]  *[^ ]' report || fail 'a line that is no label and its value'
}
check 'with --report-format text the report is lines for people' as_text

text_of_odd_bytes() {
	run "$HOLD" run -o report --report-format text -- "$(printf 'a\nb\033\377')"
	status_is 127
	grep -qx 'command      a?b??' report || fail "$(cat report)"
	[ "$(wc -l <report)" = 3 ] || fail "$(cat report)"
}
check 'no argument breaks a line of the text or writes control characters' text_of_odd_bytes

formats() {
	run "$HOLD" run -o report --report-format json -- true
	json_holds report 'r["outcome"] == "exited"'
	run "$HOLD" run -t -- sh -c "'$HOLD' run -o - -- true"
	grep -q '^outcome      exited with status 0' out || fail 'the report to a terminal is no text'
	run "$HOLD" run -t -- sh -c "'$HOLD' run -o - --report-format json -- true"
	grep -q '^{"version":1,.*}' out || fail 'the report to a terminal is no JSON'
	run "$HOLD" run -o report --report-format xml -- touch started
	is_refused
	run "$HOLD" run --report-format text -- touch started
	is_refused
	message_has 'hint: hold run --report FILE'
	[ ! -e started ] || fail 'it was started'
}
check 'without --report-format the report is text on a terminal, and else JSON' formats

text_unwritable() {
	run "$HOLD" run -o /dev/full --report-format text -- true
	status_is 125
	is_short_message
}
check 'a text that cannot be written is an error' text_unwritable

not_begun() {
	for file in /nonexistent/report /; do
		run "$HOLD" run --report $file touch started
		is_refused
		message_has "$file"
		[ ! -e started ] || fail 'it was started'
	done
}
check 'a report that cannot be begun is an error, and nothing is started' not_begun

not_written() {
	run "$HOLD" run --report /dev/full touch started
	is_refused
	message_has /dev/full
	[ -e started ] || fail 'it was not started'
	"$HOLD" run --report - true >&- 2>err
	status=$?
	status_is 125
}
check 'a report that cannot be written is an error' not_written

written_over() {
	for _ in $(seq 100); do echo "an older, longer report"; done >report
	run "$HOLD" run --quiet --report report true
	json_holds report 'r["exit_status"] == 0'
}
check 'the report takes the place of an older one' written_over

after_others() {
	# shellcheck disable=SC2016
	run "$HOLD" run --report report sh -c 'cat report; echo $?'
	output_is 0
	json_holds report 'r["exit_status"] == 0'
}
check 'nothing of the report is written before the command has ended' after_others

finish
