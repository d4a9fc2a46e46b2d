#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""hold on a shell's terminal: a command that is not in the foreground, a job that the terminal has stopped, and the
terminal that is given back."""
import os
import signal
import subprocess

from shell import Shell, children, shell_test, stat, told
from tap import HOLD, PATIENCE, check, check_equal, main, quoted_actor, test, until
from terminal import Terminal, is_alive

OWN_SESSION = "python3 -c 'import os, sys; os.setsid(); os.execv(sys.argv[1], sys.argv[1:])'"
OWN_GROUP = "python3 -c 'import os, sys; os.setpgid(0, 0); os.execv(sys.argv[1], sys.argv[1:])'"


@shell_test("Ctrl-C and Ctrl-\\ reach a command outside hold's process group, each once")
def outside_group(shell):
    tell = quoted_actor("tell-signals")
    for command in (f"hold run --contain group {tell}", f"hold run {OWN_SESSION} {tell}",
                    f"hold run {OWN_GROUP} {tell}"):
        shell.begin(command)
        shell.expect("ready\r\n")
        hold = shell.hold()
        for _ in range(3):
            for character, number in (("\x03", 2), ("\x1c", 3)):
                shell.type(character)
                check_equal(told(shell.expect(f"{number}\r\n")), [], command)
        os.kill(hold, signal.SIGTERM)
        check_equal(told(shell.prompt()), [15], command)


@shell_test("Ctrl-Z stops a command in a group of its own, and fg continues it")
def stop_outside_group(shell):
    shell.begin("hold run --contain group -- sh -c 'echo begun; until [ -e go ]; do sleep 0.02; done; exit 3'")
    shell.expect("begun")
    shell.suspend()
    shell.begin("fg")
    shell.expect("hold run")
    open("go", "w", encoding="ascii").close()
    shell.prompt()
    check("3" in shell.run("echo status=$?"), "not the status of the command")


def is_stopped_or_gone(shell):
    hold = children(shell.process.pid).get("hold")
    try:
        return not hold or stat(hold)[1][0] == "T"
    except (FileNotFoundError, ProcessLookupError):
        return True


def limit_strikes(shell, line, stop):
    """A job is stopped, then its limit strikes. On a slow machine a short limit strikes before the job is stopped."""
    for limit in (1, 5, 25):
        shell.begin(line.replace("LIMIT", str(limit)))
        stop(shell)
        shell.terminal.until(lambda: is_stopped_or_gone(shell), "the job is stopped")
        was_stopped = "hold" in children(shell.process.pid)
        shell.terminal.until(lambda: "hold" not in children(shell.process.pid), f"{line}: the job has ended")
        shell.run("wait; stty sane -echo; true")
        if was_stopped:
            return
    check(False, "the limit always struck before the job was stopped")


@shell_test("the time limit strikes though the terminal has stopped the job", 200)
def limit_of_stopped(shell):
    for verb in ("hold timeout LIMIT", "hold timeout -k 5 LIMIT", "hold run -q -T LIMIT",
                 "hold run -q -T LIMIT --contain none"):
        for command in ("cat", "sh -c 'stty -echo; exec sleep 100'"):
            limit_strikes(shell, f"{verb} {command} &", lambda shell: shell.prompt())


@shell_test("the time limit strikes though the job was suspended by Ctrl-Z, and by SIGSTOP", 200)
def limit_of_suspended(shell):
    def suspend(shell):
        shell.expect("begun")
        shell.type("\x1a")

    def stop(shell):
        shell.expect("begun")
        hold = children(shell.process.pid).get("hold")
        if hold:
            os.kill(hold, signal.SIGSTOP)
    for way in (suspend, stop):
        limit_strikes(shell, "hold run -q -T LIMIT -- sh -c 'echo begun; exec sleep 100'", way)


@shell_test("a stop that was sent to hold stops the job, and fg continues it")
def sent_stop(shell):
    for number in (signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU):
        shell.begin("hold run sh -c 'echo begun; read line; echo got-$line'")
        shell.expect("begun")
        command = shell.command("sh")
        os.kill(shell.hold(), number)
        check("Stopped" in shell.prompt(), "the shell does not say so")
        until(lambda: stat(command)[1][0] == "T", "the command is stopped")
        shell.bring_to_foreground()
        shell.type("this\n")
        shell.expect("got-this")
        shell.prompt()


def script(terminal, text, **more):
    """A script of a shell without job control, which has the terminal."""
    path = f"{os.path.dirname(HOLD)}:{os.environ['PATH']}"
    return terminal.start("bash", "-c", text, env={**os.environ, "PATH": path, "TERM": "dumb"}, **more)


@test("the foreground is given back to the script whose command has taken it")
def foreground():
    interactive = "bash --norc --noprofile -ic"
    for command in (f"hold run -q -T 500ms -k 100ms -- {interactive} 'while :; do sleep 0.1; done'",
                    f"hold timeout -k 0.2 0.5 {interactive} 'while :; do sleep 0.1; done'",
                    f"hold run --contain pidns -- {interactive} true"):
        terminal = Terminal()
        process = script(terminal, f"{command}; echo begun; read line; echo got-$line")
        terminal.expect("begun")
        terminal.type("this\n")
        terminal.expect("got-this")
        terminal.end(process, 0)
        terminal.close()


@test("the modes are given back after a command that was killed, and kept after one that has ended by itself")
def modes():
    for command, is_changed in (("hold run -q -T 300ms -- sh -c 'stty -icanon -echo; exec sleep 100'", False),
                                ("hold run -q -- sh -c 'stty -icanon -echo; kill -KILL $$'", False),
                                ("hold run -- stty -icanon -echo", True)):
        terminal = Terminal()
        before = terminal.modes()
        terminal.end(script(terminal, command))
        check_equal(terminal.modes() != before, is_changed, command)
        terminal.close()


@test("a foreground that is another job's is left to it")
def foreground_of_other():
    shell = Shell()
    try:
        shell.run("hold run -q -T 500ms sleep 100 &")
        shell.begin("sh -c 'echo begun; read line; echo got-$line'")
        shell.expect("begun")
        until(lambda: "hold" not in children(shell.process.pid), "hold has ended")
        shell.type("this\n")
        shell.expect("got-this")
        shell.prompt()
        shell.end()
    finally:
        shell.abandon()


@test("one Ctrl-C ends a script's loop around hold with a terminal of the command's own")
def loop_of_script():
    terminal = Terminal()
    process = script(terminal, "for i in 1 2 3; do hold run --tty sh -c 'echo begun; exec sleep 100'; done")
    terminal.expect("begun")
    terminal.until_raw()
    terminal.type("\x03")
    terminal.end(process, -signal.SIGINT)
    terminal.close()


@test("the loop goes on after a Ctrl-C that the command has handled, and after a SIGINT that nobody typed")
def loop_goes_on():
    terminal = Terminal()
    command = "sh -c 'trap \"exit 4\" INT; echo begun; while :; do sleep 0.02; done'"
    process = script(terminal, f"for i in 1 2; do hold run --tty {command}; echo status=$?; done")
    for _ in range(2):
        terminal.expect("begun")
        terminal.until_raw()
        terminal.type("\x03")
        terminal.expect("status=4")
    terminal.end(process, 0)
    process = script(terminal, "trap 'echo interrupted' INT; hold run --tty sh -c 'kill -INT $$'; echo status=$?")
    terminal.end(process, 0)
    check("interrupted" not in terminal.rest(), "the script had a SIGINT")
    terminal.close()


@test("timeout's message that nobody reads delays no signal")
def unread_message():
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    try:
        while True:
            os.write(writer, 65536 * b"x")
    except BlockingIOError:
        os.set_blocking(writer, True)
    process = subprocess.Popen([HOLD, "timeout", "-v", "0.3", "sh", "-c", "echo $$; exec sleep 100"],
                               stdout=subprocess.PIPE, stderr=writer)
    pid = int(process.stdout.readline())
    until(lambda: not is_alive(pid), "the command has ended")
    os.close(reader)
    check_equal(process.wait(PATIENCE), 124)
    process.stdout.close()
    os.close(writer)


main()
