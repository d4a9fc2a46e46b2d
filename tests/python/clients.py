#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Programs of others that start processes, unchanged on install(): those of Debian, under its interpreter."""
import json
import os
import subprocess

from tap import check, check_equal, main, skip, test

PYTHON = "/usr/bin/python3"
INSTALL = "import os, signal, sys, pidhold\npidhold.install(ptyprocess=True)\n"


def needed(*modules):
    for module in modules:
        done = subprocess.run([PYTHON, "-c", f"import {module}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if done.returncode != 0:
            skip(f"no {module} of Debian's")


def run(*command, input=None, **environment):
    """(exit status, what it printed)"""
    done = subprocess.run([PYTHON, *command], input=input, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env={**os.environ, "HOME": os.getcwd(), **environment}, universal_newlines=True)
    return done.returncode, done.stdout


def check_script(script):
    code, told = run("-c", INSTALL + script + "\nprint('all is as before')")
    check_equal((code, told.splitlines()[-1:]), (0, ["all is as before"]), told)


@test("the kernel manager of Jupyter starts, interrupts, restarts and ends a kernel", seconds=180)
def jupyter():
    needed("jupyter_client", "ipykernel")
    check_script("""
from jupyter_client import KernelManager
manager = KernelManager(kernel_name="python3")
manager.start_kernel()

def answer(code):
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=120)
    outputs = []
    reply = client.execute_interactive(code, timeout=120, output_hook=outputs.append)
    client.stop_channels()
    return reply["content"]["status"], "".join(each["content"].get("text", "") for each in outputs)

assert answer("import os; print(os.getpid() > 1, end='')") == ("ok", "True")
first = manager.provisioner.pid
manager.restart_kernel()
assert manager.provisioner.pid != first
assert answer("import os; os.kill(os.getpid(), 2)")[0] == "error"
manager.interrupt_kernel()
assert manager.is_alive()
manager.shutdown_kernel(now=True)
assert not manager.is_alive()
""")


@test("invoke runs commands, on a terminal too, answers them and tells how they ended", seconds=120)
def invoke():
    needed("invoke")
    check_script("""
import invoke
done = invoke.run("echo out; echo err >&2; exit 3", warn=True, hide=True)
assert (done.stdout, done.stderr, done.exited) == ("out\\n", "err\\n", 3), done
done = invoke.run("tty >/dev/null && stty size; exit 4", warn=True, hide=True, pty=True, in_stream=False)
assert (len(done.stdout.split()), done.exited) == (2, 4), done
watcher = invoke.Responder(pattern="name", response="you\\n")
done = invoke.run("printf name; read name; echo hello $name", hide=True, pty=True, watchers=[watcher], in_stream=False)
assert "hello you" in done.stdout, done
""")


@test("sh runs commands, pipes them, and ends those that it is told to", seconds=120)
def sh():
    needed("sh")
    check_script("""
import sh
assert str(sh.echo("a b")).strip() == "a b"
assert str(sh.tr(sh.echo("a b"), "a", "c")).strip() == "c b"
try:
    sh.sh("-c", "exit 3")
    raise AssertionError("no error")
except sh.ErrorReturnCode_3:
    pass
sleeping = sh.sleep("600", _bg=True, _bg_exc=False)
sleeping.kill()
try:
    sleeping.wait()
    raise AssertionError("no error")
except sh.SignalException_SIGKILL:
    pass
lines = []
sh.sh("-c", "echo one; echo two", _out=lambda line: lines.append(line.strip()), _tty_out=True)
assert lines == ["one", "two"], lines
""")


@test("plumbum runs commands and pipelines, and ends one at its time-out", seconds=120)
def plumbum():
    needed("plumbum")
    check_script("""
from plumbum import local, ProcessExecutionError, ProcessTimedOut
assert local["echo"]("a b") == "a b\\n"
assert (local["echo"]["a b"] | local["tr"]["a", "c"])() == "c b\\n"
assert local["sh"]["-c", "echo out; exit 3"].run(retcode=3) == (3, "out\\n", "")
try:
    local["false"]()
    raise AssertionError("no error")
except ProcessExecutionError as error:
    assert error.retcode == 1
try:
    local["sleep"].run("600", timeout=0.2)
    raise AssertionError("no error")
except ProcessTimedOut:
    pass
""")


TIMED = """
import pidhold
pidhold.install(ptyprocess=True)

def test_waits():
    with pidhold.spawn(SCRIPT, shell=True) as hold:
        hold.wait()

def test_runs():
    pidhold.run(SCRIPT, shell=True, capture_output=True)
"""


@test("pytest-timeout ends a test that waits for a process, and nothing of the process is left", seconds=180)
def pytest_timeout():
    needed("pytest", "pytest_timeout")
    with open("test_timed.py", "w") as file:
        file.write("SCRIPT = \"exec 9>alive; echo begun >&9; (trap '' TERM; sleep 600) & sleep 600\"\n" + TIMED)
    os.mkfifo("alive")
    alive = os.open("alive", os.O_RDONLY | os.O_NONBLOCK)
    for method, words, begun in (("signal", "2 failed", 2), ("thread", "Timeout", 1)):
        code, told = run("-m", "pytest", "-q", "-p", "no:cacheprovider", "--timeout=2", f"--timeout-method={method}",
                         "test_timed.py")
        check(code != 0 and words in told, f"{method}: {code}: {told}")
        os.set_blocking(alive, True)
        read = b"".join(iter(lambda: os.read(alive, 100), b""))  # to the end of file: no process has it open
        os.set_blocking(alive, False)
        check_equal(read, b"begun\n" * begun, method)
    os.close(alive)


@test("ansible's module expect answers a program on a terminal", seconds=120)
def ansible():
    needed("ansible", "pexpect")
    with open("sitecustomize.py", "w") as file:
        file.write(INSTALL)
    wanted = {"command": "/bin/sh -c 'printf name; read name; echo hello $name; exit 3'", "responses": {"name": "you"},
              "timeout": 30}
    code, told = run("-m", "ansible.modules.expect", input=json.dumps({"ANSIBLE_MODULE_ARGS": wanted}),
                     PYTHONPATH=os.getcwd() + ":" + os.environ["PYTHONPATH"])
    check("hello you" in told and '"rc": 3' in told, f"{code}: {told}")


@test("a greenlet of gevent waits for a process, and the others go on", seconds=120)
def gevent():
    needed("gevent")
    check_script("""
import gevent
pool = gevent.get_hub().threadpool
hold = pidhold.spawn(["cat"], stdin=pidhold.PIPE)
waiting = gevent.spawn(pool.apply, hold.wait)
gevent.sleep(0.1)
assert not waiting.ready()
hold.stdin.close()
assert waiting.get(timeout=60) == 0
assert pool.apply(pidhold.run, (["echo", "hello"],), {"capture_output": True}).stdout == b"hello\\n"
""")


@test("with gevent's patches the functions that talk let the other greenlets go on by themselves", seconds=120)
def gevent_patched():
    needed("gevent")
    check_script("""
import gevent, gevent.monkey
gevent.monkey.patch_all()
os.mkfifo("fifo")
running = gevent.spawn(pidhold.run, "cat; read line <fifo; echo $line", shell=True, capture_output=True, input=b"a ")
gevent.sleep(0.1)
assert not running.ready()
writing = gevent.spawn(lambda: pidhold.run("echo b >fifo", shell=True).returncode)
assert running.get(timeout=60).stdout == b"a b\\n"
assert writing.get(timeout=60) == 0
with pidhold.spawn(["cat"], stdin=pidhold.PIPE, stdout=pidhold.PIPE, text=True) as hold:
    assert hold.communicate("hello") == ("hello", None)
""")


main()
