#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""What hold(1) promises and warns of, sentence by sentence: each is shown by commands here, or by tests that it names.

A sentence of the sections below that is not in the table fails, and so does one of the table that the page has not."""
import os
import re

from manpage import mandoc, pages
from tap import check, check_equal, main, skip, test
from transcript import ROOT, check_output, run_commands

# In each directory: a command that leaves a process in a session of its own, whose number is in the file left; and a
# wait until that process has ended, under the watchdog of the test.
PROLOGUE = r"""
cat >leave <<'End'
setsid sh -c 'echo $$ >new; mv new left; exec sleep 60' &
until test -e left; do sleep 0.01; done
End
gone() { while kill -0 $(cat left); do sleep 0.01; done 2>/dev/null; echo gone; }
lives() { kill -0 $(cat left) && echo lives; }
# A stopped hold does nothing between the end of its keeper and its own.
kill_both() { kill -STOP $1; kill -KILL $(cat keeper); kill -KILL $1; }
on_terminal() { hold run -t -- sh "$1" </dev/null; }
"""

DEATHS = "those die that the table of docs/architecture.md says, and no others"
DEFINITION = []  # it says what a word means, or gives advice: there is nothing to be shown


class Unshown(str):
    """Why no test shows a sentence. There are to be no more of them."""


# sentence -> pairs of a command and its output, and names of tests that show it
SHOWN = {
    "hold run keeps the command and its descendants together, also a process that forks twice and takes a session of "
    "its own.": [("hold run -- sh leave; gone", "gone\n")],
    "Between hold and the command there is a small process, the keeper.":
        [("hold run -- sh -c 'cat /proc/$PPID/comm'", "hold-keeper...\n")],
    "The keeper is a subreaper: it becomes the parent of every orphan.":
        ["daemons that the process left end with its hold"],
    "If hold is killed, the keeper ends the command and its descendants, and with -t gives the user's terminal its "
    "modes back.":
        [("(hold run -- sh -c 'sh leave; exec sleep 60') & "
          "until test -e left; do sleep 0.01; done; kill -KILL $!; gone", "gone\n"),
         "the modes are back after SIGKILL, and the command is gone: its keeper does that"],
    "Without -t the terminal then keeps the modes that the command has set.":
        [(r"""cat >script <<'End'
hold run -- sh -c 'stty -echo; echo >ready; exec sleep 60' </dev/tty &
until test -e ready; do sleep 0.01; done; kill -KILL $!; wait
stty -a | grep -o -w -e -echo
End
on_terminal script""", "-echo\n")],
    "The keeper is the parent of the command.":
        [("hold run -- sh -c 'cat /proc/$PPID/comm'", "hold-keeper...\n")],
    "So a signal that the command sends to its parent, such as kill -USR1 $PPID in a script, goes to the keeper, which "
    "ignores all but STOP and KILL.":
        [("hold run -- sh -c 'for s in USR1 TERM INT HUP; do kill -$s $PPID; done; echo goes on'", "goes on\n")],
    "The signals of the ladder go to the command and all of its descendants.":
        ["whatever a command that reached its time limit had started is ended"],
    "Before KILL all of them are stopped, so that none escapes by forking.":
        ["a victim leaves nobody in any containment"],
    "KILL is repeated every 100 ms until no process is left.":
        ["a command that may be signalled again a moment after the last step is ended by it"],
    "The containments of --contain are:": DEFINITION,
    "keeper As described above.": DEFINITION,
    "cgroup A keeper, and a control group of version 2 below that of hold.":
        ["in a control group that is delegated to a user it is ended too"],
    "The kernel kills all processes of the group at once.": ["ten thousand at once in a control group leave nobody"],
    "pidns A keeper, and a PID namespace with a /proc of its own.":
        ["a PID namespace of its own has its own /proc, and ends with all that is in it"],
    "The command sees other process numbers there.":
        ["a PID namespace of its own has its own /proc, and ends with all that is in it"],
    "auto The default: cgroup if hold may make a group, else keeper.":
        [("""wanted=keeper; hold caps --json | grep -q '"name":"cgroup","supported":true' && wanted=cgroup
hold run -o - -- true | grep -q '"containment":"'$wanted'"' && echo so""", "so\n")],
    "group Signals go to a process group of the command's own.":
        ["with --contain group the ladder's signals go to the command's group"],
    "On a terminal this group is in the background: a command that reads from the terminal is stopped.":
        [(r"""cat >script <<'End'
hold run -q --contain group -T 60s -- sh -c 'echo $$ >new; mv new reader; exec cat' </dev/tty &
until test -e reader && grep -q 'State:.T' /proc/$(cat reader)/status; do sleep 0.01; done
echo stopped; kill -KILL $(cat reader); kill -CONT $!; wait
End
on_terminal script""", "stopped\n")],
    "The descendants that the command leaves live on.":
        [("hold run -q --contain group -- sh leave; lives; kill -KILL $(cat left)", "lives\n"),
         ("rm left; hold run -q --contain none -- sh leave; lives; kill -KILL $(cat left)", "lives\n")],
    "none Signals go to the command alone.":
        ["without containment the stop goes to the command and not to its group, which is the caller's"],
    "If the system refuses a containment that is asked for by name, that is an error, 125.":
        ["a keeper that could not wait is refused before the command runs"],
    "With auto, hold itself is the subreaper if no keeper is possible, or if hold has fewer than 10 free descriptors, "
    "or 11 with -t.":
        ["the descendants of a command without a keeper end when it ends",
         ("(ulimit -n 10; hold run -o report -- true); grep -o '\"containment\":\"[a-z]*\"' report",
          "hold: 'true': ...\n\"containment\":\"subreaper\"\n")],
    "The program of the keeper is a file if hold is installed.": DEFINITION,
    "Else it is written into memory, and a limit on the size of files (ulimit -f) below its size, some 20 KiB, forbids "
    "it; there is no keeper then.":
        ["a limit on the size of files below that of its program is no keeper, and no signal"],
    "If hold is killed by KILL then, the command is killed too, and its descendants live on.": [DEATHS],
    "If the system has no process descriptors, or no /proc, or a /proc of another PID namespace, as after unshare "
    "--pid without --mount-proc, hold is no subreaper either, and keeps only the command.":
        ["a keeper that would see others is refused by name, and without one hold says so"],
    "In both cases the report says so, and so does a line on standard error, except with -q.":
        ["a command without a keeper is reported, unless --quiet"],
    "If the keeper is killed, the command is killed with it; with -t the command gets HUP just before, since the "
    "keeper leads the session of its terminal.":
        [DEATHS],
    "hold then ends the descendants in its place, and says on standard error that the keeper was killed.":
        [("hold run -- sh -c 'sh leave; kill -KILL $PPID; sleep 60'", "hold: ...keeper was killed...\n"),
         ("gone", "gone\n")],
    "The exit status is 137, with -t perhaps 129, or 125 if the command's end is unknown.":
        [("hold run -- sh -c 'kill -KILL $PPID; sleep 60' 2>/dev/null; echo $?", "137\n"),
         ("hold run -t sh -c 'kill -KILL $PPID; sleep 60' 2>/dev/null; echo $?", "1...\n")],
    "With pidns the kernel kills the descendants too.": [DEATHS],
    "A command that has become a set-user-ID program, or that has capabilities, is not killed with its keeper.":
        ["a process that outlives its keeper ends with its hold"],
    "When the command has ended by itself, its descendants have 200 ms to end too.":
        ["a process that writes on for a moment after the command's end keeps its last line"],
    "Most do.": DEFINITION,
    "A process that lives longer is an orphan.": DEFINITION,
    "--orphans says what happens to it:": DEFINITION,
    "end hold stops the orphans by the ladder, and ends when no process is left.":
        [("rm -f left; hold run -- sh leave; gone", "gone\n")],
    "The report names them.": [("hold run -o - -- sh leave", '..."orphans":[{...sleep 60...}]...\n')],
    "With -v and --strict standard error names them too.":
        [("hold run --strict -q -- sh leave", "hold: was left, and ended: process ...: sleep 60\n"),
         ("rm left; hold run -v -- sh leave 2>&1 | grep left,", "hold: was left, and ended: process ...: sleep 60\n")],
    "keep The orphans live on.":
        [("hold run -q --orphans keep -- sh leave; lives; kill -KILL $(cat left)", "lives\n")],
    "Standard error names them, except with -q.":
        [("hold run --orphans keep -- sh leave; kill -KILL $(cat left)", "hold: ...: sleep 60\n"),
         ("rm left; hold run -q --orphans keep -- sh leave; kill -KILL $(cat left)", "")],
    "wait hold waits, under its time limit, until they have ended.":
        [("hold run --orphans wait -T 500ms -- sh leave; echo $?",
          "hold: 'sh' reached its time limit of 500ms\n124\n"),
         ("gone", "gone\n")],
    "When the command has ended because it was stopped, its descendants have had the ladder's first signal too.":
        ["whatever a command that reached its time limit had started is ended"],
    "They have the rest of the ladder's time, and are then killed.":
        ["the report counts those that a time limit ended, by which signal"],
    "If the ladder has no KILL, or the signal was only passed on, KILL comes 5 seconds after the command's end.":
        ["what is left when the command has ended has time to clean up"],
    "A process may survive KILL if hold may not signal it, such as a set-user-ID program that has made all of its ids "
    "another user's, or if the kernel keeps it in uninterruptible sleep.":
        ["a set-user-ID program that has made all its ids root's is named, with status 123",
         "a command in uninterruptible sleep is named when the ladder is at its end, and the status is 123"],
    "hold waits until the last signal of the ladder has had its time, 5 seconds if the ladder gives it none.":
        ["a command that may not be signalled is named when the ladder is at its end, and the status is 123"],
    "If hold may signal none of the processes that are left, it waits 2 seconds at the most.":
        [Unshown("no test measures time")],
    "Each process that is left is named on standard error and in the report, the command itself too: by its reference, "
    "user, state and command, or by its number if /proc does not show it.":
        ["a killed command that a tracer keeps is named, with each containment"],
    "Processes that cannot be named are counted.":
        [Unshown("no process is made here that survives KILL and that /proc does not show")],
    "If they cannot be counted, hold says so.":
        [Unshown("no process is made here that survives KILL and that /proc does not show")],
    "The exit status is 123.": ["so is one that the command has left"],
    "The keeper goes on ending the processes that it can end.":
        ["a set-user-ID program that has made all its ids root's is named, with status 123"],
    "With a keeper the kernel reports that no process is left.":
        ["the descriptor of the tree is readable once nobody is left, and then there is nobody to signal"],
    "Without a keeper hold only knows that it has seen none.":
        ["a process without a keeper has nothing to tell of its tree's end or of stops"],
    "The exit status is the same in both cases.":
        ["the descendants of a command without a keeper end when it ends"],
    "As the first process of a PID namespace, such as a container, hold run is the parent of every orphan in it.":
        ["orphans that end are reaped while the command runs"],
    "It reaps each orphan that ends, also processes that another program brought into the namespace.":
        ["orphans and strangers are reaped in every containment, and without any"],
    "Signals that are sent to hold act as in Sent to hold, except that hold is never stopped.":
        ["each signal that can be forwarded reaches the command once and unchanged"],
    "TERM and HUP are passed on, and no KILL of hold's own follows, unless -T, -k, -s or --ladder is given.":
        ["a server has all the time that it takes after TERM: whoever sent that has a KILL of his own"],
    "Only a KILL from outside the namespace kills hold, and the kernel then kills every process of the namespace too.":
        [DEATHS],
    "When the command has ended, its orphans are ended as described above.":
        ["whatever a command left that ended well is ended, and named in the report"],
    "hold does not wait for other processes of the namespace; the kernel kills them when hold ends.":
        [Unshown("no test brings a process that goes on into the namespace")],

    "A signal to the whole process group of hold, such as kill -TERM -PGID, reaches the command twice: once directly, "
    "and once through hold.":
        [(r"""cat >script <<'End'
trap 'echo >>seen' USR1; echo >ready
until test -e seen; do sleep 0.01; done
until grep -q '"signal":10' acts; do sleep 0.01; done
End
setsid hold run --audit acts -- sh script 2>errors & until test -e ready; do sleep 0.01; done; kill -USR1 -$!; wait
grep -c pidhold.signal acts""", "1\n")],
    "The kernel does not tell a signal to a group from a signal to a process.": DEFINITION,
    "When hold and its keeper are both killed by KILL, the command is killed as well, unless it has become a "
    "set-user-ID program.":
        [("rm -f left; hold run -- sh -c 'echo $PPID >keeper; echo $$ >new; mv new left; exec sleep 60' & "
          "until test -e left; do sleep 0.01; done; kill_both $!; gone", "gone\n")],
    "What happens to its descendants depends on the containment.": DEFINITION,
    "With pidns the kernel kills them.": [DEATHS],
    "With cgroup the next hold that makes a group beside theirs ends them.":
        ["the control group of a late keeper that is killed is ended by later starts"],
    "With keeper they live on.":
        [("rm -f left; hold run --contain keeper -- sh -c 'echo $PPID >keeper; sh leave; exec sleep 60' & "
          "until test -e left; do sleep 0.01; done; kill_both $!; lives; kill -KILL $(cat left)", "lives\n")],
    "With --contain none and group there is no keeper: if hold is killed by KILL the command is killed too, its "
    "descendants live on, and with -t the user's terminal stays in raw mode until stty sane.":
        [(r"""cat >script <<'End'
hold run -t --contain none -- sleep 60 </dev/tty &
until stty -a | grep -q -w -e -icanon; do sleep 0.01; done; kill -KILL $!; wait
stty -a | grep -o -w -e -icanon; stty sane; stty -a | grep -o -w -e icanon
End
on_terminal script""", "...-icanon\nicanon\n"), DEATHS],
    "git bisect run takes 125 as \"skip\" and statuses above 127 as the end of the search; see EXAMPLES.":
        ["every example of hold(1) prints what the manual shows"],
    "Output with -t has carriage returns; see TERMINAL.":
        [("hold run -t -- echo hi | od -A n -c", "   h   i  \\r  \\n\n")],
    "On an older system a weaker mechanism may take the place of the best one; hold caps tells which.":
        ["a mechanism that is missing is told with its error"],

    "hold is no sandbox: a command may do all that its user may do.":
        [("test \"$(hold run -- id)\" = \"$(id)\" && echo the same", "the same\n")],
    "It may kill its keeper and hold itself; DESCENDANTS says what happens then.": [DEATHS],
    "To let it do less, use --user and --no-new-privs.":
        ["--no-new-privs is for the command, and all that it starts",
         "--user takes a name or a number, and gives the groups that the system has for this user"],
    "hold must not be installed as a set-user-ID program: it does not check its options for that.": DEFINITION,
    "No signal reaches a process that hold does not hold, whatever number that process has.":
        ["even by its number a process that got it later is never hit"],
    "A number that is typed, as in hold kill 4711, may have become the number of another process before hold reads "
    "it; a reference cannot.": ["a process is named by its reference too, and nobody else is meant"],
    "With -t the output of the command reaches the user's terminal as it is, with its control sequences, as without "
    "hold.": [(r"hold run -t -- printf '\033[1m' | od -A n -c", " 033   [   1   m\n")],
    "Without -t the command has the user's terminal itself, and may type into it where the kernel allows that "
    "(TIOCSTI).":
        [(r"""cat >script <<'End'
test "$(tty)" = "$(hold run -- tty)" && echo the same
test "$(tty)" = "$(hold run -t -- tty)" || echo another
End
on_terminal script""", "the same\nanother\n")],
    "A name in a message controls no terminal; see MESSAGES.":
        [(r"""hold run -- "$(printf '\033[1m')" 2>&1 | head -n 1""", "hold: cannot start '?[1m': ...\n")],
    "The command inherits the environment and the descriptors of its caller; see WHAT IS PASSED ON.":
        ["without a word the environment is the same",
         "descriptors above 2 that the caller left inheritable are passed on"],
}
SECTIONS = "DESCENDANTS", "CAVEATS", "SECURITY"


def sentences():
    """Of the sections, as they are printed, on one line each."""
    page = re.sub(".\b", "", mandoc(pages(1)[0], "-Tascii", "-Owidth=200"))
    for name in SECTIONS:
        section = re.search(rf"^{name}\n(.*?)^\S", page, re.S | re.M).group(1)
        text = re.sub(r"^   \S.*$", "", section, flags=re.M)  # headings of subsections
        for paragraph in re.split(r"\n\s*\n", text):
            words = " ".join(paragraph.split())
            yield from filter(None, re.split(r"(?<=[.:]) (?=[A-Zh-])", words))


def names_of_tests():
    """What could be the name of a test: the text of all tests, without the marks of quotes in them."""
    found = []
    for directory, _, files in os.walk(os.path.join(ROOT, "tests")):
        for name in files:
            if re.search(r"\.(py|sh|c)$", name) and name != os.path.basename(__file__):
                with open(os.path.join(directory, name), encoding="utf-8") as file:
                    found.append(file.read().replace("\\", ""))
    return "\n".join(found)


@test("each sentence of these sections is shown, and nothing else is")
def complete():
    check_equal(sorted(set(sentences()) ^ set(SHOWN)), [])


@test("each test that is to show a sentence exists")
def tests_exist():
    tests = names_of_tests()
    for sentence, evidence in SHOWN.items():
        for name in evidence:
            check(isinstance(name, (tuple, Unshown)) or name in tests, f"{sentence}\nis shown by no test: {name}")


@test("no more than four sentences are shown by nothing")
def few_unshown():
    unshown = [sentence for sentence, evidence in SHOWN.items() if any(isinstance(item, Unshown) for item in evidence)]
    check_equal(len(unshown), 4, "\n".join(unshown))


def add(sentence, commands):
    @test(f"so it is: {sentence}")
    def run():
        if '"containment":"subreaper"' in run_commands(["hold run -q -o - -- true"])[0][0]:
            skip("there can be no keeper here")
        outputs = run_commands([PROLOGUE] + [command for command, _ in commands])[1:]
        for (command, shown), (output, _) in zip(commands, outputs):
            check_output(command, output, shown)


for sentence, evidence in SHOWN.items():
    pairs = [pair for pair in evidence if isinstance(pair, tuple)]
    if pairs:
        add(sentence, pairs)
main()
