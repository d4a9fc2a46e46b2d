#!/bin/sh
# SPDX-License-Identifier: ISC
# Limits, identity, privileges, the score of who goes first, and variables from files, of hold run.
. "${0%/*}/tap.sh"
. "${0%/*}/ordinary.sh"

# ---- --rlimit ----

# All limits of the process that runs this, by the names that --rlimit has: name, soft, hard.
limits() {
	prlimit --raw --noheadings --output RESOURCE,SOFT,HARD | tr '[:upper:]' '[:lower:]'
}

# For each limit values of its own, other than ours where a limit can be lowered, and none that stops prlimit.
limit_all() {
	limits | while read -r name _ hard; do
		case $hard in
		unlimited) echo "$name 1073741823 1073741824" ;;
		0) echo "$name 0 0" ;;
		*) echo "$name $((hard - 1)) $((hard - 1))" ;;
		esac
	done
}

every_limit() {
	limit_all >wanted
	[ "$(wc -l <wanted)" -ge 16 ] || fail "prlimit has not told all: $(cat wanted)"
	# shellcheck disable=SC2046
	run "$HOLD" run $(sed 's/^\([^ ]*\) \([^ ]*\) \([^ ]*\)$/--rlimit \1=\2:\3/' wanted) \
		prlimit --raw --noheadings --output RESOURCE,SOFT,HARD
	status_is 0
	no_message
	tr '[:upper:]' '[:lower:]' <out | cmp -s - wanted || fail 'the limits are not those that were given'
}
check '--rlimit sets every limit of prlimit(1), by its name there' every_limit

limit_forms() {
	run "$HOLD" run --rlimit nofile=64 sh -c 'ulimit -S -n; ulimit -H -n'
	output_is '64
64'
	run "$HOLD" run --rlimit=nofile=64:65 sh -c 'ulimit -S -n; ulimit -H -n'
	output_is '64
65'
	run "$HOLD" run --rlimit nofile=64 --rlimit nofile=32 sh -c 'ulimit -n'
	output_is 32
	[ "$(ulimit -H -t)" = unlimited ] || return 0
	while read -r value soft hard; do
		run "$HOLD" run --rlimit "cpu=$value" prlimit --raw --noheadings --cpu --output SOFT,HARD
		status_is 0
		output_is "$soft $hard"
	done <<-'END'
		3K:2M 3072 2097152
		2G:1T 2147483648 1099511627776
		500:unlimited 500 unlimited
		unlimited unlimited unlimited
	END
}
check 'a limit has one value or two, with a unit or without, and the last one counts' limit_forms

unknown_limit() {
	while read -r wrong right; do
		run "$HOLD" run --rlimit "$wrong=1" touch started
		is_refused
		message_has "--rlimit '$wrong': no such limit"
		message_has "hint: did you mean '$right'?"
	done <<-END
		nofil nofile
		NOFILE nofile
		cores core
		stak stack
		memlok memlock
	END
	run "$HOLD" run --rlimit frobnicate=1 touch started
	is_refused
	! grep -q ^hint: err || fail 'there is a hint to something far'
	[ ! -e started ] || fail 'it was started'
}
check 'an unknown limit suggests the nearest, and nothing is started' unknown_limit

no_limit() {
	for value in nofile nofile= nofile=: nofile=5: nofile=:5 nofile=5:6:7 nofile=-1 nofile=x nofile=5x nofile=1.5G \
		nofile=5k nofile=5KB 'nofile= 5' nofile=unlimite nofile=0x10 core=16777216T nofile=18446744073709551616; do
		run "$HOLD" run --rlimit "$value" touch started
		is_refused
		message_has "--rlimit '$value': not a limit"
		message_has hint:
	done
	[ ! -e started ] || fail 'it was started'
}
check 'a limit that makes no sense is refused by name, and nothing is started' no_limit

limit_not_allowed() {
	run "$HOLD" run --rlimit nofile=64:32 touch started
	is_refused
	message_has "cannot start 'touch': resource limit"
	message_has nofile
	message_has 'Invalid argument'
	need_ordinary
	run ordinary prlimit --nofile=64:64 -- "$HOLD" run --rlimit nofile=64:65 touch "$PWD/started"
	is_refused
	message_has "cannot start 'touch': resource limit"
	message_has nofile
	message_has 'Operation not permitted'
	[ ! -e started ] || fail 'it was started'
}
check 'a limit that may not be had is named, and nothing is started' limit_not_allowed

# ---- --user, --group ----

need_other_users() {
	[ "$(id -u)" -eq 0 ] || skip 'only root may become another user'
	need_ordinary
}

# user, uid, gid and groups of the one in the system's files that is not root and is in the most groups
find_user() {
	python3 -c '
import os, pwd
user = max((user for user in pwd.getpwall() if user.pw_uid), default=None,
           key=lambda user: len(os.getgrouplist(user.pw_name, user.pw_gid)))
if user:
    groups = sorted(set(os.getgrouplist(user.pw_name, user.pw_gid)))
    print(user.pw_name, user.pw_uid, user.pw_gid, ",".join(map(str, groups)))'
}

# What a command sees of its ids: all four of user and group, and the supplementary groups in their order.
show_ids() {
	run "$HOLD" run "$@" sed -n 's/^\(Uid\|Gid\|Groups\)://p' /proc/self/status
	status_is 0
	no_message
	tr '\t' ' ' <out | sed 's/^ //; s/ $//' >ids
}

# $1: the user's number; $2: the group's; $3: the groups, commas between
ids_are() {
	printf '%s\n' "$1 $1 $1 $1" "$2 $2 $2 $2" "$(echo "$3" | tr , ' ')" | cmp -s - ids || fail "$(cat ids)"
}

known_user() {
	need_other_users
	# shellcheck disable=SC2046
	set -- $(find_user)
	[ $# = 4 ] || skip 'there is no user but root'
	for user in "$1" "$2"; do
		show_ids --user "$user"
		ids_are "$2" "$3" "$4"
	done
	show_ids --user "$1" --group 12345
	sed -n 2p ids | grep -qx '12345 12345 12345 12345' || fail 'the group is not the one that was given'
}
check '--user takes a name or a number, and gives the groups that the system has for this user' known_user

unknown_number() {
	need_other_users
	run "$HOLD" run --user 54321 touch started
	is_refused
	message_has "--user '54321': no user has this number"
	message_has 'hint: name one with --group'
	run setpriv --groups 3,4 -- "$HOLD" run --user 54321 --group 12345 cat /proc/self/status
	status_is 0
	grep -qx 'Groups:[[:space:]]*' out || fail "groups of the caller's are left: $(grep Groups out)"
	show_ids --user 54321 --group 12345
	ids_are 54321 12345 ''
	[ ! -e started ] || fail 'it was started'
	grep -q '^ *0 *0 *4294967295$' /proc/self/uid_map || return 0 # not all numbers are to be had
	show_ids --group 12345 --user 4294967294
	ids_are 4294967294 12345 ''
}
check 'a number that no user has needs a group, and has no others' unknown_number

opens_pipes() {
	need_other_users
	run "$HOLD" run --user 54321 --group 12345 --max-output 1K --ready-fd 7 --events it -- \
		sh -c 'echo 1 >/dev/stdout; echo 2 >/dev/stderr; echo 3 >/dev/fd/7'
	status_is 0
	output_is 1
	[ "$(cat err)" = 2 ] || fail 'standard error is not what was written'
	grep -q '"ready"' it || fail 'it is not ready'
	XDG_STATE_HOME="$PWD/state" run "$HOLD" run --detach --name it --user 54321 --group 12345 -- \
		sh -c 'echo 1 >/dev/stdout; echo 2 >/dev/stderr'
	XDG_STATE_HOME="$PWD/state" run "$HOLD" wait it
	status_is 0
}
check 'another user can open the pipes of the command by their paths' opens_pipes

group_alone() {
	need_other_users
	run setpriv --groups 3,4 -- "$HOLD" run --group 12345 grep Groups: /proc/self/status
	grep -qx 'Groups:[[:space:]]*3 4[[:space:]]*' out || fail 'the groups are not those of the caller'
	groups=$(sed -n 's/^Groups:.//p' /proc/self/status | sed 's/ $//')
	for group in 12345 "$(python3 -c 'import grp; print(max(grp.getgrall(), key=lambda group: group.gr_gid).gr_name)')"; do
		number=$(python3 -c '
import grp, sys
name = sys.argv[1]
print(name if name.isdigit() else grp.getgrnam(name).gr_gid)' "$group")
		show_ids --group "$group"
		ids_are 0 "$number" "$groups"
	done
}
check '--group takes a name or a number, and changes nothing else' group_alone

no_user() {
	for user in no-such-user '' -1 0x0 4294967295 4294967296 ' 0' 0x; do
		run "$HOLD" run --user "$user" touch started
		is_refused
		message_has "--user '$user': no such user"
		run "$HOLD" run --group "$user" touch started
		is_refused
		message_has "--group '$user': no such group"
	done
	[ ! -e started ] || fail 'it was started'
}
check 'a user and a group that are not there are named, and nothing is started' no_user

not_root() {
	need_ordinary
	run ordinary "$HOLD" run --group 0 touch "$PWD/started"
	is_refused
	message_has "hold: cannot start 'touch': group 0: Operation not permitted"
	run ordinary "$HOLD" run --group 4000000000 touch "$PWD/started"
	is_refused
	message_has "hold: cannot start 'touch': group 4000000000: Operation not permitted"
	run ordinary "$HOLD" run --user 0 --group 0 touch "$PWD/started"
	is_refused
	message_has "hold: cannot start 'touch': supplementary groups: Operation not permitted"
	[ ! -e started ] || fail 'it was started'
}
check 'without the right to it another user or group is refused at the step that failed' not_root

files_of_caller() {
	need_other_users
	chmod 700 .
	echo typed >in
	export MARK=kept HOME="$PWD"
	run "$HOLD" run --user 54321 --group 12345 --stdin in --stdout out-of-it --report report \
		sh -c 'cat; echo "$MARK $HOME"; id -u'
	status_is 0
	printf 'typed\nkept %s\n54321\n' "$PWD" | cmp -s - out-of-it || fail "$(cat out-of-it)"
	json_holds report 'r["exit_status"] == 0'
	[ "$(stat -c %u out-of-it)" = 0 ] || fail "the file is not the caller's"
}
check "with --user files are opened by the caller, and the environment is the caller's" files_of_caller

program_of_user() {
	need_other_users
	mkdir private
	printf '#!/bin/sh\n' >private/program
	chmod 755 private/program
	chmod 700 private
	run "$HOLD" run --user 54321 --group 12345 private/program
	status_is 126
	is_short_message
	message_has 'private/program: Permission denied'
}
check 'with --user the command is executed with the rights of the user' program_of_user

time_limit_of_user() {
	need_other_users
	run "$HOLD" run -q --user 54321 --group 12345 -T 100ms -- sh -c 'exec sleep 60'
	status_is 124
	run "$HOLD" run --user 54321 --group 12345 -t -- sh -c 'id -u; test -w /dev/tty && echo own terminal' </dev/null
	status_is 0
	[ "$(tr -d '\r' <out)" = '54321
own terminal' ] || fail 'not on a terminal that is its own'
}
check 'with --user time limits and terminals work as ever' time_limit_of_user

# ---- --no-new-privs, --oom-score-adj ----

no_new_privileges() {
	own=$(sed -n 's/^NoNewPrivs:.//p' /proc/self/status)
	run "$HOLD" run sed -n 's/^NoNewPrivs:.//p' /proc/self/status
	output_is "$own"
	run "$HOLD" run --no-new-privs sed -n 's/^NoNewPrivs:.//p' /proc/self/status
	status_is 0
	output_is 1
	run "$HOLD" run --no-new-privs=1 true
	is_refused
}
check '--no-new-privs is for the command, and all that it starts' no_new_privileges

score() {
	own=$(cat /proc/self/oom_score_adj)
	run "$HOLD" run cat /proc/self/oom_score_adj
	output_is "$own"
	for words in '--oom-score-adj 1000' '--oom-score-adj=1000' '--oom-score-adj 1 --oom-score-adj +1000'; do
		# shellcheck disable=SC2086
		run "$HOLD" run $words cat /proc/self/oom_score_adj
		status_is 0
		output_is 1000
	done
	for value in 1001 -1001 x '' 1.5 10x 99999999999999999999; do
		run "$HOLD" run --oom-score-adj "$value" touch started
		is_refused
		message_has "--oom-score-adj '$value': not a number from -1000 to 1000"
	done
	[ ! -e started ] || fail 'it was started'
}
check '--oom-score-adj is a number from -1000 to 1000' score

score_not_allowed() {
	need_ordinary
	! ordinary sh -c 'echo -1000 >/proc/self/oom_score_adj' 2>/dev/null ||
		skip 'lowering the OOM score is allowed to every user here'
	run ordinary "$HOLD" run --oom-score-adj -1000 touch "$PWD/started"
	is_refused
	message_has "hold: cannot start 'touch': OOM score adjustment -1000: Permission denied"
	[ ! -e started ] || fail 'it was started'
}
check 'an OOM score that may not be had is refused, and nothing is started' score_not_allowed

# ---- --env-file ----

variables() {
	cat >file <<-'END'
		# a remark, and an empty line

		ONE=1
		QUOTED="two words" 'three' $HOME \n
		EMPTY=
		EQUAL=x=y
		ONE=last
	END
	printf ' SPACED =  kept  \nNO_LINE_END=yes' >>file
	run "$HOLD" run -i --env-file file env
	status_is 0
	no_message
	sort out >sorted
	grep -e '^[A-Z_ ]*=' file | grep -v ONE=1 | sort | cmp -s - sorted || fail 'they are not those of the file'
}
check '--env-file sets its lines as they are; empty ones and those that begin with # are passed over' variables

order() {
	printf 'A=file\nB=file\nC=file\n' >one
	printf 'B=two\n' >two
	export A=old B=old D=old
	run "$HOLD" run -e C=option --env-file one -u A -u D --env-file=two sh -c 'echo "$A,$B,$C,${D-unset}"'
	status_is 0
	output_is 'file,two,option,unset'
	run "$HOLD" run --env-file /dev/null true
	status_is 0
}
check 'files come behind -u and before -e, one after the other' order

bad_line() {
	for line in NAME =value ' # remark' "$(printf '\t')"; do
		printf 'A=1\n\n%s\nB=2\n' "$line" >file
		run "$HOLD" run --env-file file touch started
		is_refused
		message_has "--env-file 'file': line 3 is not of the form NAME=VALUE"
	done
	[ ! -e started ] || fail 'it was started'
}
check 'a line that is no variable is named by its number, and nothing is started' bad_line

zero_byte() {
	printf 'A=1\nB=one\0two\n' >file
	run "$HOLD" run -i --env-file file "$(command -v env)"
	is_refused
	message_has "--env-file 'file': line 2"
}
check 'a line with a zero byte, which no variable can hold, is refused and never cut' zero_byte

no_file() {
	run "$HOLD" run --env-file /nonexistent/file touch started
	is_refused
	message_has "--env-file '/nonexistent/file': No such file or directory"
	run "$HOLD" run --env-file / touch started
	is_refused
	message_has "--env-file '/': Is a directory"
	run "$HOLD" run --env-file
	is_refused
	[ ! -e started ] || fail 'it was started'
}
check 'a file that cannot be read is named, and nothing is started' no_file

finish
