#!/bin/sh
# SPDX-License-Identifier: ISC
# Reports of many runs in one directory, and what hold report makes of them.
. "${0%/*}/tap.sh"
unset SLURM_JOB_ID SLURM_PROCID PBS_JOBID LSB_JOBID JOB_ID PARALLEL_PID PARALLEL_SEQ

names() {
	mkdir reports
	host=$(uname -n | tr -c 'A-Za-z0-9.\n' _)
	SLURM_JOB_ID=12 SLURM_PROCID=3 run "$HOLD" run --report-dir reports --name 'a b/c' -i -- sh -c 'exit 3'
	status_is 3
	JOB_ID=7 SGE_TASK_ID= run "$HOLD" run --report-dir reports -o other -- true
	ls reports >list
	[ "$(ls -A reports | wc -l)" = 2 ] || fail "$(ls -A reports)"
	grep -q "^$host-a_b_c-12-3-[0-9.]*-[0-9]*\.json$" list || fail "$(cat list)"
	grep -q "^$host-7-[0-9.]*-[0-9]*\.json$" list || fail "$(cat list)"
	json_holds reports/*-12-3-* 'r["exit_status"] == 3' 'r["name"] == "a b/c"'
	cmp reports/*-7-* other || fail 'the two reports differ'
}
check 'a report in a directory is called after host, name, job and task' names

many() {
	mkdir reports
	for _ in $(seq 40); do
		"$HOLD" run --report-dir reports -- true &
	done
	wait
	[ "$(ls -A reports | wc -l)" = 40 ] || fail "$(ls -A reports)"
}
check 'each of many runs at a time has a report of its own' many

refused_directory() {
	run "$HOLD" run --report-dir no-such touch started
	is_refused
	message_has "report directory 'no-such'"
	[ ! -e started ] || fail 'it was started'
}
check 'a directory in which no report can be made is refused before the start' refused_directory

unwritten() {
	mkdir reports
	(ulimit -f 0; "$HOLD" run -q --report-dir reports true 2>&1; echo "status $?") | cat >err
	message_has 'report directory'
	message_has 'File too large'
	message_has 'status 125'
	[ -z "$(ls -A reports)" ] || fail "$(ls -A reports)"
}
check 'a report that cannot be written is a failure, and leaves no file' unwritten

# Four reports, of which two have orphans.
four() {
	mkdir reports
	"$HOLD" run --report-dir reports --name first -- sh -c 'exit 3'
	"$HOLD" run -q --report-dir reports -T 100ms -- sleep 60
	"$HOLD" run -q --report-dir reports --orphans keep -- sh -c 'sleep 1 &'
	"$HOLD" run --report-dir reports -- no-such-command 2>err
}

counted() {
	four
	run "$HOLD" report reports
	status_is 0
	no_message
	for line in '^reports  *4$' '^exited  *1  exit status 0$' '^exited  *1  exit status 3$' '^signalled  *1  SIGTERM$' \
		'^not started  *1$' '^time limit  *1  reached$' '^orphans  *1 ' '^slowest .* s  .*: sleep 60$' \
		'exited 3  .* first: sh -c exit 3$'; do
		grep -q "$line" out || fail "no line $line"
	done
	run "$HOLD" report --json reports
	json_holds out 'r["reports"] == 4' 'r["unreadable"] == 0' 'r["exit_statuses"] == {"0": 1, "3": 1}' \
		'r["signals"] == {"SIGTERM": 1}' 'r["outcomes"]["not_started"] == 1' 'r["timed_out"] == 1' \
		'r["with_orphans"] == 1' 'len(r["slowest"]) == 3' 'r["slowest"][0]["command"] == "sleep 60"' \
		'r["slowest"][0]["wall_seconds"] > r["slowest"][1]["wall_seconds"] > 0'
}
check 'the reports of a directory are counted by outcome, and the slowest come first' counted

in_lines() {
	four
	cat reports/*.json >all
	printf '\n  \n' >>all
	head -c -1 reports/*first*.json >>all
	run "$HOLD" report --json all
	json_holds out 'r["reports"] == 5' 'r["unreadable"] == 0'
	run "$HOLD" report --json - reports <all
	json_holds out 'r["reports"] == 9'
}
check 'a file may have many reports, and many paths are added up' in_lines

unreadable() {
	mkdir reports reports/directory.json
	: >reports/empty.json
	mkfifo reports/fifo.json
	ln -s nowhere reports/link.json
	printf '{"version":1,"outcome":"exited"\0}\n' >reports/null.json
	printf '%s\n' '{"version":2,"outcome":"exited"}' '{"version":1}' '[' '{"version":1,"outcome":"odd"}' '{"version":1,' \
		'{"version":1,"outcome":"exited","exit_status":999}' '{"version":1,"outcome":"exited"}}' 'text' \
		'{"version":1,"outcome":"exited","wall_seconds":99999999999999999999}' '{"version":1,"outcome":"exited}' \
		'{"version":1,"outcome":"exited","exit_status":0}' >reports/lines.json
	echo "{" >reports/other.txt
	echo "{" >reports/.hidden.json
	run "$HOLD" report reports no-such
	status_is 1
	grep -q '^reports  *1$' out || fail 'not one report'
	grep -q '^unreadable  *16$' out || fail 'not all is counted'
	[ "$(grep -c "^hold: report: '" err)" = 10 ] || fail 'not ten are named'
	message_has '6 more could not be read'
	run "$HOLD" report no-such
	status_is 1
	message_has "'no-such': No such file"
}
check 'what is no report is named and counted, and nothing waits for a fifo' unreadable

odd() {
	mkdir reports
	long=$(head -c 100000 /dev/zero | tr '\0' '"')
	"$HOLD" run --report-dir reports -- sh -c 'exit 7' "$long" "$long"
	"$HOLD" run -q --report-dir reports -T 100ms -- sh -c ': "$1"; sleep 60' "$(printf '\033[1m\377')"
	run "$HOLD" report --json reports
	status_is 0
	json_holds out 'r["reports"] == 2' 'len(r["slowest"][1]["command"]) < 200' '"\x1b[1m\udcff" not in r["slowest"][0]["file"]'
	run "$HOLD" report reports
	! grep -q "$(printf '\033')" out || fail 'a control character'
}
check 'a long or odd command is read, and controls no terminal' odd

constant() {
	! is_sanitized || skip "AddressSanitizer itself needs memory"
	"$HOLD" run -o one.json -- true
	awk '{ for (i = 0; i < 20000; i++) print }' one.json >many.json
	"$HOLD" run --contain keeper -o few -- "$HOLD" report one.json >out
	"$HOLD" run --contain keeper -o all -- "$HOLD" report --json many.json >out
	json_holds out 'r["reports"] == 20000'
	json_holds all 'r.get("max_rss_kib", 0) < json.load(open("few")).get("max_rss_kib", 0) + 1024'
}
check 'the memory of hold report does not grow with the number of reports' constant

misused() {
	run "$HOLD" report
	is_refused
	message_has 'hint: hold report DIRECTORY'
	"$HOLD" run -o one.json -- true
	for option in '' --json; do
		run "$HOLD" report $option one.json >/dev/null
		"$HOLD" report $option one.json >/dev/full 2>err
		[ $? = 125 ] || fail "not 125 $option"
		message_has 'No space left'
	done
}
check 'no operand, and an output that is full, are failures' misused

finish
