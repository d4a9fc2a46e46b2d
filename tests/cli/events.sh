#!/bin/sh
# SPDX-License-Identifier: ISC
# hold run --events: a JSON line for each thing that happens.
. "$(dirname "$0")/tap.sh"

# $1: a file of events; then what has to hold of it, Python expressions of the list `all` and the dict `by` of the last
# event of each name.
events_hold() {
	python3 -c '
import json, sys
text = open(sys.argv[1], encoding="utf-8", errors="surrogateescape").read()
all = [json.loads(line) for line in text.splitlines()]
names = [one["event"] for one in all]
by = {one["event"]: one for one in all}
for condition in ["text.endswith(\"\\n\")", "[one[\"elapsed_seconds\"] for one in all if one[\"event\"] != \"signal\"] == "
                  "sorted(one[\"elapsed_seconds\"] for one in all if one[\"event\"] != \"signal\")", *sys.argv[2:]]:
    if not eval(condition):
        sys.exit(f"{condition}: not so of {text}")' "$@" 2>events-error || fail "$(cat events-error)"
}

tells_ends() {
	run "$HOLD" run --events it -- sh -c 'exit 7'
	status_is 7
	no_message
	events_hold it 'names[:2] == ["started", "ended"]' 'by["started"]["command"] == ["sh", "-c", "exit 7"]' \
		'by["started"]["pid"] > 1' 'by["ended"]["outcome"] == "exited"' 'by["ended"]["exit_status"] == 7'
	"$HOLD" run -q --contain keeper -- true 2>/dev/null || return 0
	run "$HOLD" run --events it -- sh -c 'kill -KILL $$'
	events_hold it 'names == ["started", "ended", "tree-empty"]' 'by["ended"]["signal"] == "SIGKILL"'
}
check 'the start, the end of the command and that of the tree are told' tells_ends

tells_limits() {
	run "$HOLD" run -q --warn-after 1ms -T 100ms --events it -- sleep 60
	status_is 124
	events_hold it 'names[:5] == ["started", "warn", "limit", "signal", "signal"]' 'by["limit"]["limit"] == "time"' \
		'all[3]["signal"] == "SIGTERM"' 'all[3]["why"] == "time limit"' 'by["ended"]["signum"] == 15'
	run "$HOLD" run -q --idle-timeout 20ms --events it -- sleep 60
	events_hold it 'names[:3] == ["started", "idle", "signal"]' 'all[2]["why"] == "idle"'
}
check 'a limit, and the signals that follow it, are told in their order' tells_limits

tells_stops() {
	"$HOLD" run -q --contain keeper -- true 2>/dev/null || skip 'there can be no keeper here'
	"$HOLD" run --pidfile pid --events it -- sleep 60 &
	await test -s pid
	kill -STOP "$(cat pid)"
	await grep -q '"stopped"' it
	kill -CONT "$(cat pid)"
	await grep -q '"continued"' it
	kill -KILL "$(cat pid)"
	wait $!
	events_hold it 'by["stopped"]["signal"] == "SIGSTOP"' 'names.index("stopped") < names.index("continued")'
}
check 'a stop and a continuation are told when they happen' tells_stops

counts_members() {
	"$HOLD" run -q --contain keeper -- true 2>/dev/null || skip 'there can be no keeper here'
	run "$HOLD" run --orphans wait --events it -- sh -c '(sh -c "kill -SEGV \$\$" &); exit 0'
	status_is 0
	events_hold it 'by["member-ended-abnormally"]["signalled"] == 1' 'names[-1] == "tree-empty"'
}
check 'descendants that a signal ended are counted' counts_members

tells_failed_start() {
	run "$HOLD" run --events it -- ./nothing
	status_is 127
	events_hold it 'names == ["not-started"]' 'all[0]["step"] == "program"' 'all[0]["errno"] == 2' \
		'all[0]["message"] == "No such file or directory"'
}
check 'a start that fails is told, with its step' tells_failed_start

writes_where_told() {
	echo before >it
	run "$HOLD" run --events +it -- true
	[ "$(head -n 1 it)" = before ] && [ "$(wc -l <it)" -gt 2 ] || fail 'it is not appended'
	run "$HOLD" run --events it -- true
	head -n 1 it | grep -q '"event":"started"' || fail 'it is not replaced'
	"$HOLD" run --events 5 -- sh -c '[ ! -e /dev/fd/5 ]' 5>it || fail 'the command has the descriptor'
	events_hold it '"ended" in names'
	"$HOLD" run --events 1 -- echo word >it
	[ "$(grep -c '^{"version":1,"event"' it)" -ge 2 ] && grep -qx word it || fail 'not on standard output'
}
check 'events go to a file, to the end of one, or to a descriptor that the command does not get' writes_where_told

refuses() {
	run "$HOLD" run --events 9 -- true
	is_refused
	message_has 'run: --events 9: Bad file descriptor'
	: >there
	run "$HOLD" run --events 5 -- touch ran 5<there
	is_refused
	run "$HOLD" run --fd 5 --events 5 -- touch ran 5>there
	is_refused
	run "$HOLD" run --report same --events same -- touch ran
	is_refused
	run "$HOLD" run --detach --events 1 -- touch ran
	is_refused
	run "$HOLD" run --events nowhere/it -- touch ran
	is_refused
	message_has "--events 'nowhere/it': No such file or directory"
	[ ! -e ran ] || fail 'the command has run'
}
check 'a file or descriptor of events that cannot be written is refused before the start' refuses

tells_loss() {
	run "$HOLD" run --events /dev/full -- true
	status_is 125
	message_has "--events '/dev/full': No space left on device: they end early"
	run "$HOLD" run --events /dev/full -- sh -c 'exit 3'
	status_is 3
	message_has 'they end early'
	mkfifo fifo
	(head -n 1 fifo >/dev/null; : >gone) &
	run "$HOLD" run --events fifo -- sh -c 'until [ -e gone ]; do sleep 0.01; done'
	status_is 125
	message_has "--events 'fifo': Broken pipe: they end early"
}
check 'events that cannot be written are told, and fail a command that did not' tells_loss

cuts_words() {
	word=$(head -c 9000 /dev/zero | tr '\0' x)
	run "$HOLD" run --events it -- true "$word" "$word" last
	status_is 0
	events_hold it 'by["started"]["command_is_cut"]' 'len(by["started"]["command"]) == 2'
	run "$HOLD" run --events it -- true "$(printf 'a\377\n"')"
	status_is 0
	events_hold it 'by["started"]["command"][1] == "a\udcff\n\""' '"command_is_cut" not in by["started"]'
}
check 'a long command is cut between its words, and says so' cuts_words

passes_trace() {
	trace=00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01
	TRACEPARENT=$trace TRACESTATE=a=1 run "$HOLD" run --events it -- sh -c 'echo $TRACEPARENT $TRACESTATE'
	output_is "$trace a=1"
}
check 'TRACEPARENT and TRACESTATE reach the command as they are' passes_trace

tells_detached() {
	export XDG_STATE_HOME="$PWD/state"
	"$HOLD" run --detach --name it --events it -- sh -c 'exit 4' >/dev/null || fail 'no start'
	"$HOLD" wait it >/dev/null
	events_hold it 'names[:2] == ["started", "ended"]' 'by["started"]["name"] == "it"' 'by["ended"]["exit_status"] == 4'
	"$HOLD" run --detach --name other --events 5 -- sh -c 'exit 4' >/dev/null 5>it || fail 'no start'
	"$HOLD" wait other >/dev/null
	events_hold it 'by["started"]["name"] == "other"' '"ended" in names'
}
check 'a detached run tells its events to a file, and to a descriptor of its caller' tells_detached

finish
