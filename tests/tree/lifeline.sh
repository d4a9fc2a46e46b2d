#!/bin/sh
# SPDX-License-Identifier: ISC
# hold run --lifeline: who holds its other end here is a process that is killed.
. "${0%/*}/../cli/tap.sh"

lost() {
	mkfifo line
	sleep 60 >line &
	holder=$!
	"$HOLD" run --lifeline 3 --report report -- sh -c 'echo ready; sleep 1000 & sleep 1001' 3<line >out 2>err &
	hold=$!
	await grep -qx ready out
	kill -9 $holder
	wait $hold
	status=$?
	status_is 129
	message_has "its lifeline, descriptor 3, is at its end"
	grep -q '"signal":"SIGHUP"' report && grep -q '"why":"lifeline"' report || fail 'the report does not tell it'
	wait $holder || :
}
check 'the end of the lifeline ends the tree, as HUP would, with 129' lost

ignored() {
	mkfifo line
	sleep 60 >line &
	holder=$!
	"$HOLD" run -q --lifeline 3 --ladder TERM,100ms,KILL -- sh -c 'trap "" HUP TERM; echo ready; while :; do sleep 1; done' \
		3<line >out 2>err &
	hold=$!
	await grep -qx ready out
	kill -9 $holder
	wait $hold
	status=$?
	status_is 129
	no_message
	wait $holder || :
}
check 'a command that ignores HUP is stopped by the ladder, and the status is 129 too' ignored

hold_line() {
	mkfifo line
	sh -c 'echo some; echo more; exec sleep 60' >line &
	holder=$!
}

data() {
	hold_line
	run "$HOLD" run --lifeline 3 -- sh -c 'sleep 0.1; exit 7' 3<line
	kill $holder
	status_is 7
	no_message
}
check 'what arrives on the lifeline is thrown away' data

standard_input() {
	hold_line
	run "$HOLD" run --lifeline 0 -- sh -c 'cat; readlink /proc/self/fd/0' <line
	kill $holder
	status_is 0
	output_is '/dev/null'
}
check 'a lifeline that is standard input is not the command'"'"'s' standard_input

not_passed() {
	hold_line
	# shellcheck disable=SC2016
	run "$HOLD" run --lifeline 3 -- sh -c '[ ! -e /proc/$$/fd/3 ]' 3<line
	kill $holder
	status_is 0
}
check 'the lifeline does not pass to the command' not_passed

misuse() {
	for words in x -1 99999999999 ''; do
		run "$HOLD" run --lifeline "$words" true
		status_is 125
		message_has "--lifeline '$words'"
	done
	run "$HOLD" run --lifeline 77 true
	status_is 125
	message_has '--lifeline 77: Bad file descriptor'
}
check 'what is no open descriptor is refused' misuse

ended_before() {
	mkfifo line
	sleep 60 >line &
	holder=$!
	"$HOLD" run --lifeline 3 -- sh -c 'echo ready; sleep 0.5; exit 4' 3<line >out 2>err &
	hold=$!
	await grep -qx ready out
	kill -STOP $hold
	sleep 1
	kill -9 $holder
	wait $holder || :
	kill -CONT $hold
	wait $hold
	status=$?
	status_is 4
	no_message
}
check 'a command that has ended before its lifeline keeps its status although hold sees both at once' ended_before

finish
