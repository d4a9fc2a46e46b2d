#!/bin/sh
# SPDX-License-Identifier: ISC
. "${0%/*}/tap.sh"

lines() {
	run "$HOLD" caps
	status_is 0
	no_message
	head -n 1 out | grep -qF "$(uname -s) $(uname -r) " || fail 'the system is not named'
	sed '1,/^ *CAPABILITY .* PROMISE$/d; /^$/,$d' out >rows
	[ -s rows ] || fail 'it says nothing'
	! grep -vE '^(yes|no) +[a-z-]+ +[^ ].*[^ ]$' rows || fail 'a line without yes or no'
	tail -n 1 out | grep -q "^$(grep -c '^yes' rows) of $(wc -l <rows) work in full[.] " || fail 'they are not counted'
}
check 'each capability has a line with yes or no' lines

json() {
	run "$HOLD" caps --json
	status_is 0
	no_message
	mv out json
	json_holds json \
		'r["version"] == 1' \
		'all(set(c) - {"errno", "need"} == {"name", "supported", "mechanism", "promise"} for c in r["caps"])' \
		'all(c["supported"] == ("errno" not in c) for c in r["caps"])'
	run "$HOLD" caps
	awk '$1 == "yes" { print "True", $2 } $1 == "no" { print "False", $2 }' out >lines
	json_holds json '[str(c["supported"]) + " " + c["name"] for c in r["caps"]] == open("lines").read().splitlines()'
}
check '--json tells the same as one object' json

without_call() {
	run "${ACTORS}without" ENOSYS pidfd_send_signal -- "$HOLD" caps
	[ "$status" != 125 ] || skip 'no system calls can be denied here'
	status_is 0
	grep -q '^no  *signal .*(Function not implemented; needs pidfd_send_signal: Linux 5\.1)$' out ||
		fail 'signal is not told to be missing, with what it needs'
}
check 'a mechanism that is missing is told with its error' without_call

containments() {
	run "$HOLD" caps
	for name in keeper cgroup pidns; do
		if grep -q "^yes  *$name " out; then
			"$HOLD" run --contain $name true || fail "$name: yes, and it is refused"
		else
			grep -q "^no  *$name " out || fail "$name has no line"
			! "$HOLD" run --contain $name true 2>err || fail "$name: no, and it is to be had"
		fi
	done
}
check 'what it says of a containment is what hold run does' containments

by_default() {
	run "$HOLD" caps
	status_is 0
	wanted=$(sed -n '$s/.*together here: //p' out)
	[ "$wanted" != none ] || wanted=subreaper # hold itself
	"$HOLD" run -q -o report true
	json_holds report "r['containment'] == '$wanted'"
}
check 'the containment of its last line is that of hold run without --contain' by_default

own_group() {
	point=$(awk '/ - cgroup2 / { print $5; exit }' /proc/self/mountinfo)
	ls "$point$(sed -n 's/^0:://p' /proc/self/cgroup)"
}

nothing_stays() {
	own_group >groups 2>&1 || skip 'no control group can be made here'
	"$HOLD" caps >out &
	pid=$!
	wait $pid
	own_group >groups
	! grep "^pidhold-$pid-" groups || fail 'a control group is left'
}
check 'what it tries leaves no control group' nothing_stays

without_poll() {
	run timeout -s KILL 20 "${ACTORS}without" EPERM ppoll poll -- "$HOLD" caps
	[ "$status" != 125 ] || skip 'no system calls can be denied here'
	status_is 0
	grep -q '^no  *keeper ' out || fail 'the keeper is not told to be missing'
}
check 'where nothing can be polled the keeper is told to be missing' without_poll

misuse() {
	run "$HOLD" caps --jsno
	is_refused
	message_has "hint: did you mean '--json'?"
	run "$HOLD" caps operand
	is_refused
	message_has operand
}
check 'an unknown option and an operand are refused' misuse

finish
