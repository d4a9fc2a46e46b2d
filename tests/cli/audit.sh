#!/bin/sh
# SPDX-License-Identifier: ISC
. "${0%/*}/tap.sh"

# What has to hold of the file `audit`: Python expressions of `e`, its events.
audit_holds() {
	python3 -c '
import json, sys
e = [json.loads(line) for line in open("audit", encoding="utf-8")]
for condition in sys.argv[1:]:
    if not eval(condition):
        sys.exit(f"{condition}: not so of {e}")' "$@" 2>json-error || fail "$(cat json-error)"
}

spawn() {
	run "$HOLD" run --audit audit sh -c 'exit 3'
	status_is 3
	no_output
	audit_holds 'len(e) == 1' \
		'set(e[0]) == {"event", "program", "argv"}' \
		'e[0]["event"] == "pidhold.spawn"' \
		'e[0]["program"].endswith("/sh")' \
		'e[0]["argv"] == ["sh", "-c", "exit 3"]'
}
check 'a start is a line with the program and its arguments' spawn

signals() {
	trap '' TERM
	run "$HOLD" run --contain none --audit plain --quiet --report report --timeout 50ms sleep 60
	pid=$(python3 -c 'import json; print(json.load(open("report"))["pid"])')
	grep -q "\"pidhold.signal\",\"pid\":$pid,\"signal\":15" plain || fail 'no line of a signal to the command'
	run "$HOLD" run --audit audit --quiet --timeout 50ms --kill-after 50ms sleep 60
	status_is 124
	audit_holds '[x["event"] for x in e] == ["pidhold.spawn"] + 3 * ["pidhold.signal_tree"]' \
		'[x["signal"] for x in e[1:]] == [15, 18, 9]' \
		"len({x['pid'] for x in e[1:]}) == 1"
}
check 'each signal is a line with the pid and its number' signals

before() {
	run "$HOLD" run --audit audit cat audit
	audit_holds 'len(e) == 1'
	cmp -s out audit || fail 'the command does not see the line of its own start'
}
check 'a line is written before the act' before

appended() {
	for _ in 1 2 3; do
		run "$HOLD" run --audit audit true
	done
	audit_holds 'len(e) == 3'
}
check 'the file is appended to' appended

odd_bytes() {
	odd=$(printf '\377"\\\n\001\303\251')
	run "$HOLD" run --audit audit true "$odd"
	printf %s "$odd" >odd
	audit_holds 'e[0]["argv"][1].encode("utf-8", "surrogateescape") == open("odd", "rb").read()'
}
check 'any bytes in an argument make a valid line' odd_bytes

unwritable() {
	run "$HOLD" run --audit /nonexistent/audit touch started
	is_refused
	message_has /nonexistent/audit
	run "$HOLD" run --audit /dev/full --report report touch started
	is_refused
	message_has "audit file '/dev/full': No space left on device"
	json_holds report 'r["outcome"] == "not_started"'
	[ ! -e started ] || fail 'it was started'
}
check 'what cannot be written down is not started' unwritable

finish
