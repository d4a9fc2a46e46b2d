#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""hold run under an interactive shell with job control, which is to work as if hold were not there."""
import os
import signal

from shell import children, shell_test, stat, told, until_taken
from tap import check, check_equal, main, quoted_actor, until

TELL = f"hold run {quoted_actor('tell-signals')}"


@shell_test("Ctrl-C, Ctrl-\\ and a change of the size reach the command exactly once, and signals to hold too")
def exactly_once(shell):
    shell.begin(TELL)
    shell.expect("ready\r\n")
    hold = shell.hold()
    for i in range(10):
        for act, number in ((lambda: shell.type("\x03"), 2), (lambda: shell.type("\x1c"), 3),
                            (lambda: shell.terminal.resize(30 + i, 90), 28),
                            (lambda: os.kill(hold, signal.SIGINT), 2), (lambda: os.kill(hold, signal.SIGUSR1), 10),
                            (lambda: os.kill(hold, signal.SIGQUIT), 3), (lambda: os.kill(hold, signal.SIGWINCH), 28)):
            act()
            check_equal(told(shell.expect(f"{number}" if number != 28 else f"28 {30 + i} 90")), [])
            check_equal(shell.expect("\r\n"), "")
            until_taken(hold)
    os.kill(hold, signal.SIGTERM)
    check_equal(told(shell.prompt()), [15])


@shell_test("one Ctrl-C ends a loop around hold")
def loop(shell):
    for options in ("", "--timeout 60s", "--report report"):
        shell.begin(f"while :; do hold run {options} sleep 100; done")
        shell.command("sleep")
        shell.type("\x03")
        shell.prompt()
        check("130" in shell.run("echo status=$?"), "not interrupted")
        check_equal(children(shell.process.pid), {})


@shell_test("one Ctrl-C ends a loop around hold with a terminal of the command's own")
def loop_with_terminal(shell):
    shell.begin("while :; do hold run --tty sh -c 'echo begun; exec sleep 100'; done")
    shell.expect("begun")
    shell.terminal.until_raw()
    shell.type("\x03")
    shell.prompt()
    check("130" in shell.run("echo status=$?"), "not interrupted")


@shell_test("a Ctrl-C that the command survives leaves hold alive, and the loop goes on")
def survived(shell):
    command = "trap \"echo caught; exit 4\" INT; echo begun; while :; do sleep 0.02; done"
    shell.begin(f"for i in 1 2; do hold run sh -c '{command}'; echo status=$?; done")
    for _ in range(2):
        shell.expect("begun")
        shell.type("\x03")
        shell.expect("caught")
        shell.expect("status=4")
    shell.prompt()


@shell_test("Ctrl-Z stops the job and fg continues it")
def stop_and_continue(shell):
    shell.begin("hold run sh -c 'echo begun; read line; echo got-$line; exit 3'")
    shell.expect("begun")
    for _ in range(3):
        shell.suspend()
        shell.bring_to_foreground()
    shell.type("this\n")
    shell.expect("got-this")
    shell.prompt()
    check("3" in shell.run("echo status=$?"), "not the status of the command")


@shell_test("a job that was stopped goes on in the background with bg")
def background(shell):
    shell.begin("hold run sh -c 'echo begun; until [ -e file ]; do :; done; echo done >file'")
    shell.expect("begun")
    shell.suspend()
    shell.run("bg")
    shell.run("touch file; wait")
    with open("file") as file:
        check_equal(file.read(), "done\n")


@shell_test("a job from the background comes to the foreground with fg, and Ctrl-C ends it")
def foreground(shell):
    shell.run("hold run sleep 100 &")
    shell.command("sleep")
    shell.bring_to_foreground()
    shell.type("\x03")
    shell.prompt()
    check("130" in shell.run("echo status=$?"), "not interrupted")


@shell_test("hold works in every place of a pipeline")
def pipeline(shell):
    check_equal(shell.run("hold run yes | head -n 1; echo ${PIPESTATUS[*]}"), "y\n141 0\n")
    check_equal(shell.run("hold run yes | hold run head -n 1; echo ${PIPESTATUS[*]}"), "y\n141 0\n")
    check_equal(shell.run("echo this | hold run cat | cat; echo ${PIPESTATUS[*]}"), "this\n0 0 0\n")
    check_equal(shell.run("hold run --timeout 50ms sleep 100 | cat; echo ${PIPESTATUS[*]}").splitlines()[-1], "124 0")


@shell_test("reading from the terminal works")
def reading(shell):
    shell.begin("hold run cat")
    shell.type("line\n")
    check_equal(shell.expect("line\r\n"), "")
    shell.type("\x04")
    check_equal(shell.prompt(), "")
    check_equal(shell.run("hold run sh -c 'stty size; [ -t 0 ] && [ -t 1 ] && [ -t 2 ]'; echo $?"), "24 80\n0\n")


@shell_test("a command that stops itself gives the shell its prompt back, and fg continues it")
def stops_itself(shell):
    for signal_name in ("STOP", "TSTP"):
        shell.begin(f"hold run sh -c 'echo begun; kill -{signal_name} $$; echo continued; exit 7'")
        shell.expect("begun")
        check("Stopped" in shell.prompt(), "the shell does not say so")
        shell.begin("fg")
        shell.expect("continued")
        shell.prompt()
        check("7" in shell.run("echo status=$?"), "not the status of the command")


@shell_test("a command that was stopped by another process gives the shell its prompt back too")
def stopped_by_another(shell):
    shell.begin("hold run sh -c 'echo begun; read line; echo got-$line'")
    shell.expect("begun")
    os.kill(shell.command("sh"), signal.SIGSTOP)
    check("Stopped" in shell.prompt(), "the shell does not say so")
    shell.begin("fg")
    shell.expect("hold run")
    shell.type("this\n")
    shell.expect("got-this")
    shell.prompt()


@shell_test("a job in the background that reads from the terminal is stopped, and reads on with fg")
def background_reader(shell):
    shell.run("hold run cat &")
    shell.command("cat")
    until(lambda: stat(shell.hold())[1][0] == "T", "the job is stopped")
    check("Stopped" in shell.run("jobs"), "the shell does not say so")
    shell.begin("fg")
    shell.expect("hold run cat")
    shell.type("line\n")
    shell.expect("line\r\n")
    shell.type("\x04")
    shell.prompt()


@shell_test("a job in the background that writes where that is not allowed is stopped, and writes with fg")
def background_writer(shell):
    shell.run("stty tostop")
    shell.run("hold run sh -c 'echo writ''ten; exit 3' &")
    until(lambda: stat(shell.hold())[1][0] == "T", "the job is stopped")
    check("Stopped" in shell.run("jobs"), "the shell does not say so")
    shell.begin("fg")
    shell.expect("written")
    shell.prompt()


@shell_test("hold in hold: a Ctrl-C, and an INT to the outer one, reach the command once")
def nested(shell):
    shell.begin(f"hold run hold run {quoted_actor('tell-signals')}")
    shell.expect("ready\r\n")
    hold = shell.hold()
    inner = children(hold)["hold"]
    for _ in range(10):
        shell.type("\x03")
        check_equal(told(shell.expect("2\r\n")), [])
        until_taken(hold)
        until_taken(inner)
        os.kill(hold, signal.SIGINT)
        check_equal(told(shell.expect("2\r\n")), [])
        os.kill(hold, signal.SIGUSR2)
        check_equal(told(shell.expect("12\r\n")), [])
    os.kill(hold, signal.SIGTERM)
    check_equal(told(shell.prompt()), [15])


@shell_test("a shell in hold has job control of its own")
def inner_shell(shell):
    shell.begin("PS1='inner> ' hold run bash --norc --noprofile --noediting -i")
    shell.expect("inner> ")
    bash = shell.command("bash")

    def sleep_is_foreground():
        return "sleep" in children(bash) and shell.is_foreground(children(bash)["sleep"])

    shell.begin("sleep 100")
    until(sleep_is_foreground, "it runs a command")
    shell.type("\x1a")
    shell.expect("Stopped")
    shell.expect("inner> ")
    shell.begin("fg")
    until(sleep_is_foreground, "it continues the command")
    shell.type("\x03")
    shell.expect("inner> ")
    shell.begin("exit 5")
    shell.prompt()
    check("5" in shell.run("echo status=$?"), "not the status of the command")


@shell_test("the time limit of a job strikes, and the prompt is back")
def time_limit(shell):
    check("time limit" in shell.run("hold run --timeout 50ms sleep 100"), "it did not strike")
    check("124" in shell.run("echo status=$?"), "not 124")
    shell.begin("hold run --timeout 50ms --kill-after 600s sh -c 'trap \"\" TERM; echo begun; sleep 100'")
    shell.expect("time limit")
    shell.type("\x03")
    shell.prompt()
    check("124" in shell.run("echo status=$?"), "not 124")


@shell_test("with a terminal of its own a job is suspended by TSTP to hold, and fg makes it raw again")
def terminal_suspended(shell):
    before = shell.terminal.modes()
    shell.begin("hold run --tty sh -c 'echo begun; read line; echo got-$line; exit 3'")
    shell.expect("begun")
    for _ in range(3):
        shell.terminal.until_raw()
        os.kill(shell.hold(), signal.SIGTSTP)
        check("Stopped" in shell.prompt(), "the shell does not say so")
        check_equal(shell.terminal.modes(), before)
        shell.begin("fg")
    shell.terminal.until_raw()
    shell.type("this\n")
    shell.expect("got-this")
    shell.prompt()
    check("3" in shell.run("echo status=$?"), "not the status of the command")
    check_equal(shell.terminal.modes(), before)


@shell_test("with a terminal of its own a job may begin in the background, and fg gives it the terminal")
def terminal_in_background(shell):
    before = shell.terminal.modes()
    shell.run("hold run --tty sh -c 'touch begun; read line; echo got-$line' &")
    until(lambda: os.path.exists("begun"), "the command runs")
    check_equal(shell.terminal.modes(), before)
    shell.begin("fg")
    shell.expect("hold run")
    shell.terminal.until_raw()
    shell.type("this\n")
    shell.expect("got-this")
    shell.prompt()
    check_equal(shell.terminal.modes(), before)


@shell_test("with a terminal of its own a job in a pipeline gives the shell its terminal back")
def terminal_in_pipeline(shell):
    before = shell.terminal.modes()
    check_equal(shell.run("hold run --tty yes | head -n 1; echo ${PIPESTATUS[*]}").replace("\r", ""), "y\n141 0\n")
    check_equal(shell.terminal.modes(), before)
    check_equal(shell.run("echo this | hold run --tty cat; echo ${PIPESTATUS[*]}").replace("\r", ""), "this\n0 0\n")
    check_equal(shell.terminal.modes(), before)


main()
