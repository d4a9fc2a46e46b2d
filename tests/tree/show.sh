#!/bin/sh
# SPDX-License-Identifier: ISC
# hold show: what descends from a process, drawn and as JSON.
. "${0%/*}/../cli/tap.sh"

are_sleeping() {
	[ "$("$HOLD" show $1 | grep -c '  sleep 100[0-9]$')" -eq $2 ]
}

drawn() {
	sh -c 'sleep 1000 & sh -c "sleep 1001 & sleep 1002" & sleep 1003' &
	await are_sleeping $! 4
	run "$HOLD" show $!
	status_is 0
	sed 's/[0-9]*:[^ ]*/REFERENCE/; s/user [0-9]*/user ID/; s/  [SR]  /  S  /' out | tail -n +2 | sort >shown
	"$HOLD" stop -q --tree $!
	cat >wanted <<-END
	  |- REFERENCE  S  user ID  sleep 1001
	  \`- REFERENCE  S  user ID  sleep 1002
	END
	sed 's/^| /  /' shown | grep -F -f wanted >found
	[ "$(grep -c . found)" = 2 ] || { cat shown; fail 'the grandchildren are not drawn below their parent'; }
	grep -qx '`- REFERENCE  S  user ID  sleep 1003' shown || { cat shown; fail 'the last child is not drawn as such'; }
	grep -qx '|- REFERENCE  S  user ID  sleep 1000' shown || { cat shown; fail 'the first child is not drawn'; }
}
check 'what descends from a process is drawn below it' drawn

json() {
	sh -c 'sleep 1000 & sleep 1001' &
	await are_sleeping $! 2
	run "$HOLD" show --json $!
	status_is 0
	python3 -c 'import json, sys
tree = json.load(open("out"))
found = tree["descendants"]
assert sorted(one["command"] for one in found) == ["sleep 1000", "sleep 1001"], found
assert all(one["parent"] == tree["pid"] and one["reference"].startswith(str(one["pid"]) + ":") for one in found), found
' || fail 'the descendants are not as they are'
	"$HOLD" stop -q --tree $!
}
check 'with --json what descends from it is a list' json

alone() {
	sleep 1000 &
	await are_sleeping $! 1
	run "$HOLD" show $!
	status_is 0
	[ "$(grep -c . out)" = 1 ] || fail 'there is more than one line'
	kill $!
}
check 'one that has no children is a line' alone

finish
