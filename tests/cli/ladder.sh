#!/bin/sh
# SPDX-License-Identifier: ISC
. "${0%/*}/tap.sh"

# $1: the signals that the report has to name; then the options. The command may have ended before a last CONT is sent.
sends() {
	wanted=$1
	shift
	run "$HOLD" run --quiet --timeout 20ms --report report "$@" sleep 60
	status_is 124
	json_holds report "' '.join(s['signal'][3:] for s in r['signals_sent']) in ('$wanted', '${wanted% CONT}')" \
		"all(s['why'] == 'time limit' for s in r['signals_sent'])"
}

usual() {
	sends 'TERM CONT'
	json_holds report 'r["signal"] == "SIGTERM"'
	trap '' TERM
	sends 'TERM CONT KILL' --kill-after 20ms
	json_holds report 'r["signal"] == "SIGKILL"'
}
check 'without a word it is TERM, then KILL, with CONT after each but KILL' usual

forms() {
	trap '' TERM INT USR1 QUIT 35
	while IFS='|' read -r ladder wanted; do
		sends "$wanted" --ladder "$ladder"
	done <<-END
		TERM,20ms,KILL|TERM CONT KILL
		INT,20ms,TERM,20ms,KILL|INT CONT TERM CONT KILL
		sigterm,20ms,SigKill|TERM CONT KILL
		15,20ms,9|TERM CONT KILL
		15,0.02,9|TERM CONT KILL
		USR1,20ms,3,20ms,int,20ms,KILL|USR1 CONT QUIT CONT INT CONT KILL
		RTMIN+1,20ms,KILL|RTMIN+1 CONT KILL
		TERM,KILL|TERM CONT KILL
		TERM,0s,KILL|TERM CONT KILL
		TERM,INT,USR1,KILL|TERM CONT INT CONT USR1 CONT KILL
		KILL|KILL
		KILL,20ms|KILL
	END
}
check 'a ladder is signals and the time that each has' forms

last_rung() {
	ladder=KILL
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
		ladder=TERM,$ladder
	done
	run "$HOLD" run --ladder "$ladder" true
	status_is 0
	run "$HOLD" run --ladder "TERM,$ladder" true
	is_refused
}
check 'a ladder has 16 steps at most' last_rung

refused() {
	for ladder in '' , TERM, ,KILL TERM,,KILL 5s 5s,KILL TERM,5s,6s,KILL TERM,5x,KILL TERM,-5s,KILL FOO,5s,KILL \
		0,5s,KILL TERM,5s,0 TERM,5s,KILL, 'TERM;5s;KILL' TERM5s,KILL 99,5s,KILL \
		TERM,1111111111111111111111111111111111111111111111111111111111111111111111111111,KILL; do
		run "$HOLD" run --ladder "$ladder" touch started
		[ $status = 125 ] || fail "'$ladder': exit status $status"
		is_refused
		[ ! -e started ] || fail "'$ladder': it was started"
	done
}
check 'what is no ladder is refused' refused

# From the time limit on: a signal is noted after it was sent, and on a busy machine perhaps much later.
waits() {
	trap '' TERM INT
	sends 'INT CONT TERM CONT KILL' --ladder INT,150ms,TERM,250ms,KILL
	json_holds report \
		'r["signals_sent"][0]["at_seconds"] >= 0.02' \
		'r["signals_sent"][2]["at_seconds"] >= 0.02 + 0.149' \
		'r["signals_sent"][4]["at_seconds"] >= 0.02 + 0.149 + 0.249'
}
check 'each step has the time that was given it' waits

ends_early() {
	sends 'TERM CONT' --ladder TERM,20s,KILL
	json_holds report 'r["signal"] == "SIGTERM"'
}
check 'the ladder ends when the command has' ends_early

sugar() {
	sends 'INT CONT' --signal INT
	sends 'HUP CONT' -s 1
	trap '' USR1 TERM
	sends 'USR1 CONT KILL' -s sigusr1 -k 20ms
	sends 'TERM CONT KILL' -k 0s
	sends 'KILL' -s KILL
}
check '--signal is the first step and --kill-after its time' sugar

conflict() {
	for option in --signal=INT --kill-after=2s -sINT -k2s; do
		run "$HOLD" run --ladder TERM,5s,KILL $option touch started
		is_refused
		message_has hint:
		[ ! -e started ] || fail 'it was started'
	done
}
check '--ladder and --signal or --kill-after are not given together' conflict

stopped() {
	run "$HOLD" run --quiet --timeout 100ms --ladder TERM,20s,KILL --report report sh -c 'kill -STOP $$; exit 3'
	status_is 124
	json_holds report 'r["signal"] == "SIGTERM"'
}
check 'a stopped command is continued, so that it acts on the signal' stopped

finish
