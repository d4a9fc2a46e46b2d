#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""docs/guide-shell.md: its commands, typed into one shell, print what is shown below them. Its crontab, Dockerfile and
unit are run as cron, a container and systemd would, with a program of that name in place of the reader's."""
import json
import os
import re
import shlex
import signal
import subprocess

from tap import check, check_equal, main, skip, test, until
from transcript import check_output, commands, environment, indented, read, run_commands

PAGE = read("docs/guide-shell.md")
# A make around the tests is no affair of that in the guide.
for name in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS"):
    os.environ.pop(name, None)


@test("each command prints what is shown below it")
def commands_print():
    typed = [pair for block in indented(PAGE) for pair in commands(block)]
    check(len(typed) > 20, f"only {len(typed)} commands found")
    for (command, shown), (output, _) in zip(typed, run_commands([command for command, _ in typed])):
        check_output(command, output, shown)


def fenced(language):
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.S | re.M)
    check_equal(len(blocks), 1, f"blocks of {language}")
    return blocks[0].strip()


def program(name, script):
    """An environment whose PATH has this program, and hold."""
    os.makedirs("bin", exist_ok=True)
    with open(f"bin/{name}", "w", encoding="utf-8") as file:
        file.write(f"#!/bin/sh\n{script}\n")
    os.chmod(f"bin/{name}", 0o755)
    variables = environment()
    return dict(variables, PATH=f"{os.getcwd()}/bin:{variables['PATH']}")


def report_of(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


@test("the line of the crontab starts its job, adds its report, and starts no second one beside it")
def crontab():
    line = fenced("crontab").split(None, 5)[5].replace("/run/lock/", "./").replace("/var/log/", "./")
    variables = program("fetch", "echo fetched >>fetches")
    # as cron has it: sh, few variables, no terminal
    few = {name: variables[name] for name in variables if name in ("PATH", "HOME") or name.startswith("LD_")}
    check_equal(subprocess.run(["sh", "-c", line], env=few, check=False).returncode, 0)
    check_equal(subprocess.run(["flock", "fetch", "sh", "-c", line], env=few, check=False).returncode, 1)
    check_equal([(one["name"], one["exit_status"]) for one in report_of("fetch.json")], [("fetch", 0)])
    check_equal(open("fetches", encoding="utf-8").read(), "fetched\n")


# Its child ignores TERM at first, so that it is there when the server has ended.
SERVER = """echo "$*" >arguments
trap 'exit 5' TERM
setsid sh -c 'trap "" TERM; echo >there; exec sleep 60' &
until test -e there; do sleep 0.02; done
echo >ready
while :; do sleep 0.02; done"""


def end_server(process, pid):
    until(lambda: os.path.exists("ready"), "the server is ready")
    os.kill(pid(), signal.SIGTERM)
    check_equal(process.wait(), 5)


def only_child(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="utf-8") as file:
        return int(file.read().split()[0])


@test("the lines of the Dockerfile start the server, as process 1, which ends by TERM with what it has started")
def dockerfile():
    words = [word for line in fenced("dockerfile").splitlines() for word in json.loads(line.split(None, 1)[1])]
    inside = ["unshare", *(() if os.geteuid() == 0 else ("-r",)), "--pid", "--fork", "--mount-proc"]
    if subprocess.run([*inside, "true"], stderr=subprocess.DEVNULL, check=False).returncode != 0:
        skip("no PID namespace with a /proc of its own is to be had here")
    with subprocess.Popen([*inside, *words], env=program("server", SERVER)) as process:
        end_server(process, lambda: only_child(process.pid))
    check_equal(open("arguments", encoding="utf-8").read(), "--port 80\n")


@test("the unit's line starts the server and adds its report")
def unit():
    start = re.search(r"^ExecStart=(.*)$", fenced("ini"), re.M)
    check(start, "no ExecStart")
    words = shlex.split(start.group(1).replace("/var/log/", "./"))
    with subprocess.Popen(words, env=program("server", SERVER)) as process:
        end_server(process, lambda: process.pid)
    check_equal([one["exit_status"] for one in report_of("server.json")], [5])


main()
