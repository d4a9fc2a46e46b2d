#!/bin/sh
# SPDX-License-Identifier: ISC
. "${0%/*}/tap.sh"

strikes() {
	while IFS='|' read -r text told; do
		run "$HOLD" run --timeout "$text" sleep 60
		status_is 124
		no_output
		is_short_message
		message_has "'sleep' reached its time limit of $told"
	done <<-END
		50ms|50ms
		0.05|50ms
		.05s|50ms
		0.00005m|3ms
		20000us|20ms
		10ms 20ms|30ms
		0h0m0.02s|20ms
		1us|1us
	END
}
check 'the command is ended when its time is over' strikes

accepted() {
	for text in 5 5s 5.5 500s 1h30m '1h 30m' ' 5 s ' 2m 2min 1d 60000ms 60000000us 1.5h 106750d 007s; do
		run "$HOLD" run --timeout "$text" true
		[ $status = 0 ] || fail "$text: exit status $status"
		no_message
	done
}
check 'a time limit may be given in every form of a duration' accepted

refused() {
	for text in '' ' ' s ms 5x 5S 5.5.5 -5 -5s +5s 1e3 1,5s 0x10 '5 5' . .s inf infinity nan 5M; do
		run "$HOLD" run --timeout "$text" touch started
		is_refused
		message_has "'$text': not a duration"
		message_has hint:
		[ ! -e started ] || fail "'$text': it was started"
	done
}
check 'what is no duration is refused with a hint' refused

too_long() {
	run "$HOLD" run --timeout 106751d true
	status_is 0
	for text in 106752d 400000d '106751d 1d' 99999999999999999999 9223372036854775808 9223372036854775807us; do
		run "$HOLD" run --timeout "$text" touch started
		is_refused
		message_has "'$text': too long"
		message_has hint:
		[ ! -e started ] || fail "'$text': it was started"
	done
}
check 'a duration that is too long is told from what is none' too_long

zero() {
	for text in 0 0s 0ms 0.0 0h0m 00; do
		run "$HOLD" run --timeout "$text" touch started
		is_refused
		message_has hint:
		[ ! -e started ] || fail "'$text': it was started"
	done
}
check 'a time limit of 0 is refused with a hint' zero

in_time() {
	run "$HOLD" run --timeout 60s --report report sh -c 'exit 3'
	status_is 3
	no_message
	json_holds report 'r["timed_out"] is False' 'r["signals_sent"] == []'
}
check 'a command that ends in time is left alone' in_time

preserved() {
	run "$HOLD" run --preserve-status --timeout 50ms sleep 60
	status_is 143
	trap '' TERM
	# The command ends once hold has told that it sent the signal.
	run "$HOLD" run -pv --timeout 50ms --kill-after 60s --report report \
		sh -c 'until grep -q SIGTERM err; do sleep 0.05; done; exit 7'
	status_is 7
	json_holds report 'r["timed_out"] is True'
	run "$HOLD" run -p --timeout 60s sh -c 'exit 3'
	status_is 3
}
check "-p keeps the command's own exit status after a time-out" preserved

quiet() {
	for option in -q --quiet; do
		run "$HOLD" run $option --timeout 50ms sleep 60
		status_is 124
		no_output
		no_message
	done
}
check '-q says nothing of a time-out' quiet

stopped() {
	run "$HOLD" run --timeout 100ms sh -c 'kill -STOP $$'
	status_is 124
}
check 'a command that stopped itself is ended too' stopped

not_its_children() {
	# shellcheck disable=SC2016
	run "$HOLD" run --contain none --timeout 200ms sh -c 'sleep 60 & echo $!; wait'
	status_is 124
	kill -0 "$(cat out)" || fail 'a process other than the command was signalled'
	kill "$(cat out)"
}
check "without containment the stop goes to the command and not to its group, which is the caller's" not_its_children

ended_while_hold_was_stopped() {
	for option in '' --tty; do
		"$HOLD" run $option --timeout 4s --report report -- sh -c 'echo ready; sleep 2; exit 4' \
			>out 2>err </dev/null &
		hold=$!
		await grep -q ready out
		kill -STOP $hold # its limit continues it
		wait $hold
		status=$?
		status_is 4
		no_message
		json_holds report 'r["exit_status"] == 4' 'not r["timed_out"]'
	done
}
check 'a command that ended in time keeps its status although hold looks after the limit' ended_while_hold_was_stopped

orphans_while_hold_was_stopped() {
	"$HOLD" run --timeout 4s --orphans wait -- sh -c 'sleep 60 & echo ready; sleep 2; exit 4' >out 2>err &
	hold=$!
	await grep -q ready out
	kill -STOP $hold
	wait $hold
	status=$?
	status_is 124
}
check 'with --orphans wait the limit strikes what the command has left, then too' orphans_while_hold_was_stopped

finish
