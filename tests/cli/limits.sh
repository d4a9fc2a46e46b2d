#!/bin/sh
# SPDX-License-Identifier: ISC
# Limits of the whole tree. What the kernel does with them is tested on kernels that have all controllers in version 2:
# tests/kernels/limits.c.
. "$(dirname "$0")/tap.sh"

needs_group() {
	"$HOLD" run -q --contain cgroup -- true 2>/dev/null || skip 'no control group can be made here'
}

refuses_values() {
	for words in '--memory 0' '--memory 1X' '--memory unlimited' '--memory -5' '--tasks 0' '--tasks 4194305' \
		'--tasks many' '--cpus 0' '--cpus 0.009' '--cpus 1.2345' '--cpus 1.' '--cpus .+5' '--cpus 100001' \
		'--cpu-time 0' '--cpu-time soon' '--io-weight 0' '--io-weight 10001'; do
		run "$HOLD" run $words -- true
		status_is 125
		no_output
		message_has "run: ${words% *} '${words#* }': "
	done
}
check 'a limit of the tree that makes no sense is refused' refuses_values

refuses_containment() {
	for how in none group keeper pidns; do
		run "$HOLD" run --cpu-time 1s --contain $how -- true
		is_refused
		message_has 'is that of a control group'
	done
}
check 'a limit of the tree is refused where there would be no control group' refuses_containment

sets_or_refuses() {
	for words in '--memory 64M' '--tasks 10' '--cpus 1.5' '--cpus 0.01' '--io-weight 50'; do
		run "$HOLD" run -o report $words -- touch has-run
		if [ "$status" = 0 ]; then
			[ -e has-run ] || fail 'the command has not run'
		else
			is_refused
			message_has "cannot start 'touch': ${words% *}: "
			message_has '(needs '
			message_has "-p Delegate=yes hold run ${words% *} ..."
			json_holds report 'r["outcome"] == "not_started"' 'r["error"]["step"] == "limit of the tree"' \
				'r["error"]["need"]'
			[ ! -e has-run ] || fail 'the command has run'
		fi
		rm -f has-run
	done
}
check 'a limit of the tree is set, or there is no start and a message says what it needs' sets_or_refuses

leaves_no_group() {
	mounted=$(awk '/ - cgroup2 / { print $5; exit }' /proc/self/mountinfo)
	"$HOLD" run --memory 64M -o report -- true 2>err
	pid=$(sed 's/.*"pid":\([0-9]*\).*/\1/' report)
	[ -z "$mounted" ] || ! find "$mounted" -name "pidhold*-$pid*" 2>/dev/null | grep . || fail 'a group is left'
}
check 'no group is left of a limit that was refused' leaves_no_group

kills_for_memory() {
	"$HOLD" run -q --memory 64M -- true 2>/dev/null || skip 'no limit of the memory of a tree can be set here'
	run "$HOLD" run --memory 32M -o report -- sh -c 'sleep 60 & exec tail -c 100M /dev/zero'
	status_is 137
	message_has 'for lack of memory'
	json_holds report 'r["outcome"] == "signalled"' 'r["oom"]["killed"] >= 2' 'r["tree_memory_peak_kib"] <= 32768'
}
check 'a tree that takes more memory than its limit is killed whole, and the report says so' kills_for_memory

ends_for_time() {
	needs_group
	run "$HOLD" run --cpu-time 200ms -o report -- sh -c 'while :; do :; done & while :; do :; done'
	status_is 124
	message_has "'sh' reached its limit of processor time of 200ms"
	json_holds report 'r["cpu_time_reached"]' 'r["timed_out"] is False' \
		'r["tree_user_seconds"] + r["tree_system_seconds"] >= 0.2' 'r["containment"] == "cgroup"'
	run "$HOLD" run -p -q --cpu-time 200ms -- sh -c 'while :; do :; done'
	status_is 143
	no_message
}
check 'a tree is stopped at its limit of processor time, which all its processes share' ends_for_time

climbs_for_time() {
	needs_group
	run "$HOLD" run --cpu-time 100ms --ladder TERM,100ms,KILL -o report -- sh -c 'trap "" TERM; while :; do :; done'
	status_is 124
	json_holds report 'r["signal"] == "SIGKILL"' 'r["cpu_time_reached"]'
}
check 'a tree at its limit of processor time is stopped by the ladder' climbs_for_time

# The keeper, which has no descriptors then, leaves the group to the next run.
fails_without_looks() {
	needs_group
	command -v prlimit >/dev/null || skip 'no prlimit'
	run "$HOLD" run --cpu-time 1s -o report -- sh -c 'prlimit --pid $PPID --nofile=0:0; exec sleep 60'
	status_is 125
	message_has "processor time of 'sh': Too many open files: it was ended"
	json_holds report 'r["error"]["message"] == "Too many open files"' '"cpu_time_reached" not in r' \
		'r["outcome"] == "signalled"'
}
check 'a tree whose processor time cannot be read is ended, and that is an error' fails_without_looks

spares_in_time() {
	needs_group
	run "$HOLD" run --cpu-time 60s -o report -- sh -c 'exit 3'
	status_is 3
	no_message
	json_holds report '"cpu_time_reached" not in r' '"oom" not in r' 'r["tree_user_seconds"] >= 0'
}
check 'a tree that stays within its limit ends as without one' spares_in_time

keeps_limits() {
	needs_group
	run "$HOLD" run -q --orphans keep --cpu-time 60s -- sh -c 'cat /proc/self/cgroup >group; cat <fifo & exit 0'
	mounted=$(awk '/ - cgroup2 / { print $5; exit }' /proc/self/mountinfo)
	status_is 0
	group=$(sed -n 's/^0::.*\(pidhold-.*\)/\1/p' group)
	[ -n "$(find "$mounted" -name "$group" 2>/dev/null)" ] || fail 'the group has gone'
	: >fifo
	for i in $(seq 500); do
		[ -n "$(find "$mounted" -name "$group" 2>/dev/null)" ] || return 0
		sleep 0.02
	done
	fail 'the group stays'
}
keeps_limits_with_fifo() {
	mkfifo fifo
	keeps_limits
}
check 'what is kept stays in the group with its limits until it has ended' keeps_limits_with_fifo

limits_detached() {
	export XDG_STATE_HOME="$PWD/state"
	run "$HOLD" run --detach --name limited --memory 64M -- sleep 60
	if [ "$status" != 0 ]; then
		is_refused
		message_has '-p Delegate=yes hold run --memory ...'
		[ -z "$("$HOLD" list --all --json)" ] || fail 'there is a record'
	fi
	"$HOLD" stop -q limited 2>/dev/null
	needs_group
	run "$HOLD" run --detach --name timed --cpu-time 100ms -- sh -c 'while :; do :; done'
	status_is 0
	"$HOLD" wait timed >/dev/null
	"$HOLD" show --json timed >record
	json_holds record 'r["status"] == 124' 'r["signal"] == "SIGTERM"'
	"$HOLD" logs timed >out
	grep -qF "reached its limit of processor time of 100ms" out || fail 'the log does not tell'
}
check 'a detached run has limits of the tree, or is refused where it is started' limits_detached

counts_signals() {
	"$HOLD" run -q --contain keeper -- true 2>/dev/null || skip 'there can be no keeper here'
	run "$HOLD" run --strict --orphans wait -o report -- sh -c '(sh -c "kill -SEGV \$\$" &); exit 0'
	status_is 123
	message_has '1 of its descendants were ended by a signal'
	json_holds report 'r["exit_status"] == 0' 'r["descendants_signalled"] == 1' 'r["orphans"] == []'
	run "$HOLD" run --orphans wait -o report -- sh -c '(sh -c "kill -SEGV \$\$" &); exit 0'
	status_is 0
	no_message
	run "$HOLD" run --strict --orphans wait -o report -- sh -c '(sh -c "exit 1" &); exit 0'
	status_is 0
	json_holds report 'r["descendants_signalled"] == 0' 'r["descendants_core_dumped"] == 0'
}
check 'a descendant that a signal has ended is counted, and a failure with --strict' counts_signals

finish
