#!/bin/sh
# SPDX-License-Identifier: ISC
. "${0%/*}/tap.sh"

# Those that take a second or more; LONG is set in the suite `long`.
long_check() {
	[ -z "$LONG" ] || check "$@"
}

# Whether the report says that the command was stopped as idle.
is_idle() {
	status_is 124
	json_holds report 'r["reason"] == "idle"' 'not r["timed_out"]' 'r["signals_sent"][0]["why"] == "idle"'
}

sleeps() {
	run "$HOLD" run --idle-timeout 100ms --report report sh -c 'sleep 60 & wait'
	is_idle
	is_short_message
	message_has "'sh' was idle for 100ms"
}
check 'a command that does nothing is stopped with its descendants after the time of --idle-timeout' sleeps

reads() {
	mkfifo never
	run "$HOLD" run -q -t --idle-timeout 100ms --report report cat never
	is_idle
	no_message
}
check '--idle-timeout stops a command that waits on its terminal, and --quiet says nothing of that' reads

computes() {
	run "$HOLD" run --idle-timeout 1s --report report python3 -c "
import time
end = time.monotonic() + 1.5
while time.monotonic() < end:
    pass"
	status_is 0
	json_holds report '"reason" not in r'
}
check 'a command that computes in silence is not idle' computes

computes_in_child() {
	run "$HOLD" run --idle-timeout 1s python3 -c "
import os, time
if os.fork():
    os.wait()
end = time.monotonic() + 1.5
while time.monotonic() < end:
    pass"
	status_is 0
}
long_check 'a command whose descendant computes is not idle' computes_in_child

writes_little() {
	run "$HOLD" run --idle-timeout 1s --stdout file python3 -c "
import os, time
for _ in range(15):
    os.write(1, b'x')
    time.sleep(0.1)"
	status_is 0
}
long_check 'a command that writes a byte now and then is not idle' writes_little

# A process that is not dumpable shows what it does to none but a privileged one.
hidden() {
	drop=
	[ "$(id -u)" != 0 ] || drop='setpriv --bounding-set -sys_ptrace'
	run $drop "$HOLD" run --idle-timeout 1s python3 -c "
import ctypes, time
ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)
print('hidden', flush=True)
time.sleep(2)"
	status_is 0
	is_short_message
	message_has 'cannot see what process'
}
long_check 'a process whose activity cannot be seen counts as active, and is told of once' hidden

in_time() {
	run "$HOLD" run --idle-timeout 1h true
	status_is 0
	no_message
}
check 'a command that ends is not idle' in_time

preserved() {
	run "$HOLD" run -q -p --idle-timeout 50ms sh -c 'trap "exit 3" TERM; sleep 60 & wait'
	status_is 3
}
check '--preserve-status gives the status of an idle command too' preserved

orphans() {
	run "$HOLD" run -q --idle-timeout 100ms --orphans wait --report report sh -c 'sleep 60 & exit 0'
	is_idle
}
check 'with --orphans wait idle descendants are stopped' orphans

resumed() {
	mkfifo go
	"$HOLD" run --idle-timeout 2s sh -c 'echo ready; read go <go; exit 3' >out 2>err &
	hold=$!
	await grep -q ready out
	kill -STOP $hold
	sleep 3.2
	kill -CONT $hold
	sleep 0.2
	echo >go
	wait $hold
	status=$?
	status_is 3
	no_message
}
long_check 'the time in which hold itself is stopped does not make the command idle' resumed

refused() {
	for text in 0 '' 5x -1; do
		run "$HOLD" run --idle-timeout "$text" touch started
		is_refused
		message_has "--idle-timeout '$text'"
		[ ! -e started ] || fail "'$text': it was started"
	done
}
check 'a time of --idle-timeout that is none is refused' refused

finish
