#!/bin/sh
# SPDX-License-Identifier: ISC
. "${0%/*}/../cli/tap.sh"

statuses() {
	run "$HOLD" timeout 10 sh -c 'exit 7'
	status_is 7
	no_message
	run "$HOLD" timeout 0.1 sleep 60
	status_is 124
	no_message
	run "$HOLD" timeout --preserve-status .1 sleep 60
	status_is 143
	run "$HOLD" timeout -s INT .1 sleep 60
	status_is 124
	run "$HOLD" timeout -s KILL .1 sleep 60
	status_is 137
	run "$HOLD" timeout -k .1 .1 sh -c 'trap "" TERM; while :; do sleep 0.05; done'
	status_is 137
	run "$HOLD" timeout 10 sh -c 'kill -USR1 $$'
	status_is 138
}
check 'the exit statuses are those of timeout(1)' statuses

grammar() {
	for duration in 0 10 10s 0.5m 1h 1d 1e3 99999999999999999999 2.34e+5d inf; do
		run "$HOLD" timeout "$duration" true
		status_is 0
	done
	for duration in invalid 42D 1sm '' -1 nan; do
		run "$HOLD" timeout -- "$duration" true
		status_is 125
		message_has "timeout: invalid time interval '$duration'"
		message_has "Try 'timeout --help' for more information."
	done
	run "$HOLD" timeout --signal=nope 1 true
	status_is 125
	message_has "timeout: 'nope': invalid signal"
	run "$HOLD" timeout --kill-after=nope 1 true
	status_is 125
	run "$HOLD" timeout
	status_is 125
	message_has 'timeout: missing operand'
	run "$HOLD" timeout 1
	status_is 125
	message_has "timeout: missing operand after '1'"
	run "$HOLD" timeout --foreg --pres --sig=15 1 true # abbreviated, as getopt_long has it
	status_is 0
}
check 'the grammar is that of timeout(1)' grammar

failures() {
	run "$HOLD" timeout 1 no_such_command
	status_is 127
	message_has "timeout: failed to run command 'no_such_command': No such file or directory"
	run "$HOLD" timeout 1 /
	status_is 126
	message_has "timeout: failed to run command '/': Permission denied"
}
check 'a command that cannot be started is told as timeout(1) tells it' failures

verbose() {
	for limit in .1 1 10; do # a busy machine may need long until TERM is ignored
		run "$HOLD" timeout -v -k .1 $limit sh -c 'trap "" TERM; while :; do sleep 0.05; done'
		[ "$status" != 137 ] || break
	done
	status_is 137
	[ "$(cat err)" = "timeout: sending signal TERM to command 'sh'
timeout: sending signal KILL to command 'sh'" ] || fail 'other messages'
	run "$HOLD" timeout --verbose -s0 -k.1 .1 sleep 60
	message_has "timeout: sending signal EXIT to command 'sleep'"
}
check 'with -v each signal is said, and CONT is not' verbose

link() {
	ln -s "$HOLD" timeout
	run ./timeout .1 sleep 60
	status_is 124
	run ./timeout --version
	status_is 0
	grep -q '^timeout (pidhold) ' out || fail 'another version'
}
check 'a link to hold that is called timeout is timeout' link

alarm() {
	"$HOLD" timeout 60 sleep 60 &
	sleep 0.3
	kill -ALRM $!
	wait $!
	status=$?
	status_is 124
}
check 'SIGALRM is a time-out' alarm

tree() {
	mark=1234.$$
	run "$HOLD" timeout .5 sh -c "setsid sleep $mark & (setsid setsid sh -c 'trap \"\" TERM; sleep $mark; :') & sleep $mark"
	status_is 124
	! pgrep -f "sleep $mark" >/dev/null || fail 'something is left'
	run "$HOLD" timeout 10 sh -c "setsid sleep $mark >/dev/null 2>&1 & sleep 0.1; exit 3"
	status_is 3
	no_message
	pgrep -f "sleep $mark" >left || fail 'what is left by a command that ended by itself is ended'
	kill "$(cat left)"
}
check 'a time-out ends all that the command has started' tree

members_told() {
	cat >members.py <<-'END'
		import os, signal, sys
		got = []
		for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGTERM):
		    signal.signal(number, lambda number, frame: got.append(number))
		child = os.fork()
		if child == 0:
		    os.setsid()
		with open("told", "a") as file:
		    os.write(1, b"ready\n")
		    while not got:
		        signal.pause()
		    file.write(f"{int(got[0])}\n")
		if child:
		    os.waitpid(child, 0)
		    sys.exit(7)
	END
	for signal in INT QUIT HUP TERM; do
		rm -f out told
		"$HOLD" timeout 100 python3 members.py >out 2>err &
		hold=$!
		await sh -c '[ "$(wc -l <out)" = 2 ]'
		kill -s "$signal" $hold
		wait $hold
		status=$?
		status_is 7
		[ "$(sort -u told | wc -l) $(wc -l <told)" = '1 2' ] || fail "$signal: not both were told it, once"
	done
}
check 'INT, QUIT, HUP and TERM to timeout go to all that the command has started' members_told

ignored() {
	trap '' INT QUIT USR1 TERM
	for signal in INT QUIT USR1 TERM; do
		run "$HOLD" timeout -s $signal .2 sleep 60
		status_is 124
	done
	# shellcheck disable=SC2016
	run env --ignore-signal=HUP "$HOLD" timeout 10 sh -c 'kill -HUP $$; exit 3'
	status_is 3
}
check 'the signal of the limit works although the caller ignores it, and nohup too' ignored

limit_after_signal() {
	"$HOLD" timeout 2 sh -c 'trap : INT; echo ready; while :; do sleep 0.05; done' >out 2>err &
	hold=$!
	await test -s out
	kill -s INT $hold
	wait $hold
	status=$?
	status_is 124
}
check 'the time limit strikes after a signal that the command has survived' limit_after_signal

# The words of GNU's, whichever timeout(1) is installed here.
misuse() {
	for option in "--kill-after:option '--kill-after' requires an argument" "-k:option requires an argument -- 'k'" \
		"-s:option requires an argument -- 's'" "--verbose=1:option '--verbose' doesn't allow an argument" \
		"--nothing:unrecognized option '--nothing'" "-y:invalid option -- 'y'"; do
		run "$HOLD" timeout "${option%%:*}"
		status_is 125
		no_output
		message_has "timeout: ${option#*:}"
		message_has "Try 'timeout --help' for more information."
	done
}
check 'a wrong option is told of in the words of timeout(1)' misuse

leftovers() {
	cat >worker.py <<-'END'
		import os, signal, sys, time
		def clean(number, frame):
		    time.sleep(1)
		    open("cleaned", "w").close()
		    os._exit(0)
		signal.signal(signal.SIGTERM, clean)
		signal.signal(signal.SIGHUP, clean)
		os.write(1, b"ready\n")
		time.sleep(60)
	END
	for signal in ALRM TERM HUP; do
		rm -f cleaned out
		"$HOLD" timeout 60 bash -c 'python3 worker.py; :' >out 2>err &
		hold=$!
		await test -s out
		kill -s $signal $hold
		wait $hold
		[ -e cleaned ] || fail "$signal: it was killed while it cleaned up"
	done
}
check 'what is left when the command has ended has time to clean up' leftovers

signal_numbers() {
	for number in 137 265 9; do
		run "$HOLD" timeout -s $number .1 sleep 60
		status_is 137
	done
	for number in 0 128 256 EXIT sigexit; do
		run "$HOLD" timeout -s $number -k .1 .1 sleep 60
		status_is 137
	done
	for number in 32 33 65 127 255 9x -9 4294967305; do
		run "$HOLD" timeout -s $number 1 true
		status_is 125
		message_has "timeout: '$number': invalid signal"
	done
}
check 'a signal may be the number of a status, and one that the C library keeps to itself is refused' signal_numbers

unwritten() {
	for option in --help --version; do
		"$HOLD" timeout $option >/dev/full 2>err
		status=$?
		status_is 125
		[ "$(cat err)" = 'timeout: write error: No space left on device' ] ||
			fail 'it is not told as timeout(1) tells it'
	done
}
check 'a help that cannot be written is an error' unwritten

finish
