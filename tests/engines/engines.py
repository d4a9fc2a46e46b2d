#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""hold under GNU parallel and sshd: what a job leaves with hold and without it, as docs/engines.md says. By make
check-engines."""
import os
import shutil
import signal
import subprocess

from tap import HOLD, check, check_equal, main, skip, test, until

PORT = 20000 + os.getpid() % 10000
# A process in a session of its own, whose number is in the file left. It ends by itself after a minute.
LEAVE = """setsid sh -c 'echo $$ >new; mv new left; exec sleep 60' </dev/null >/dev/null 2>&1 &
until test -e left; do sleep 0.02; done
sleep 61
"""


def lives(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return file.read().rsplit(") ", 1)[1][0] != "Z"
    except OSError:
        return False


def left():
    with open("left", encoding="ascii") as file:
        pid = int(file.read())
    os.unlink("left")
    return pid


def check_gone(pid):
    until(lambda: not lives(pid), "nothing is left")


def check_lives(pid):
    """Without hold. The process is ended here."""
    check(lives(pid), "nothing was left without hold: the test shows nothing")
    os.kill(pid, signal.SIGKILL)


def need(name):
    if not shutil.which(name):
        skip(f"no {name}")


@test("parallel's time limit leaves a daemon of its job without hold, and nothing with hold", seconds=120)
def parallel_limit():
    need("parallel")
    with open("leave", "w", encoding="ascii") as file:
        file.write(LEAVE)
    for terminate in ((), ("--termseq", "TERM,2000,KILL,25")):
        subprocess.run(["parallel", "--timeout", "1", *terminate, "sh", ":::", "leave"], stderr=subprocess.DEVNULL,
                       check=False)
        check_lives(left())
        subprocess.run(["parallel", "--timeout", "1", *terminate, HOLD, "run", "-k", "200ms", "--", "sh", ":::",
                        "leave"], stderr=subprocess.DEVNULL, check=False)
        check_gone(left())


@test("parallel's job log has the statuses of hold, and each job has its report with its number")
def parallel_log():
    need("parallel")
    os.mkdir("reports")
    subprocess.run(["parallel", "--joblog", "log", HOLD, "run", "-q", "-T", "300ms", "--report-dir", "reports", "--",
                    "sleep", ":::", "0", "60"], stderr=subprocess.DEVNULL, check=False)
    with open("log", encoding="utf-8") as file:
        statuses = {line.split("\t")[0]: line.split("\t")[6] for line in file.readlines()[1:]}
    check_equal(statuses, {"1": "0", "2": "124"})
    numbers = sorted(name.split("-")[-3] for name in os.listdir("reports"))
    check_equal(numbers, ["1", "2"])


def write(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
    os.chmod(path, 0o600)


def start_sshd():
    """In a mount namespace with a /run of its own, on the loopback alone."""
    for name in ("ssh", "ssh-keygen", "sshd"):
        need(name)
    if os.geteuid() != 0 or subprocess.run(["unshare", "-m", "true"], check=False).returncode != 0:
        skip("only root may become another user")
    for key in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    shutil.copy("user.pub", "authorized")
    here = os.getcwd()
    write("config", f"""ListenAddress 127.0.0.1:{PORT}
HostKey {here}/host
AuthorizedKeysFile {here}/authorized
StrictModes no
UsePAM no
PermitRootLogin yes
PidFile none
""")
    script = 'mount -t tmpfs tmpfs /run && mkdir /run/sshd && exec "$@"'
    return subprocess.Popen(["unshare", "-m", "sh", "-c", script, "sh", shutil.which("sshd"), "-D", "-e", "-f",
                             f"{here}/config"], stderr=open("sshd-log", "w", encoding="utf-8"))


def ssh(*words):
    return ["ssh", "-q", "-F", "none", "-i", "user", "-p", str(PORT), "-o", "UserKnownHostsFile=/dev/null", "-o",
            "StrictHostKeyChecking=no", *words]


def lose_connection(options, command):
    """The process that is left in a session of its own when the client was killed."""
    client = subprocess.Popen(ssh(*options, "root@127.0.0.1", f"cd {os.getcwd()} && {command} sh leave"),
                              stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until(lambda: os.path.exists("left"), "the command runs")
    client.kill()
    client.wait()
    client.stdin.close()
    return left()


@test("a connection that is lost leaves the command of ssh, and with a lifeline or a terminal of ssh nothing",
      seconds=120)
def ssh_lost():
    server = start_sshd()
    try:
        write("leave", LEAVE)
        reached = lambda: subprocess.run(ssh("root@127.0.0.1", "true"), stdin=subprocess.DEVNULL,
                                         check=False).returncode == 0
        until(reached, "sshd answers")
        check_lives(lose_connection((), ""))
        check_gone(lose_connection((), f"{HOLD} run -q --lifeline 0 --"))
        check_lives(lose_connection(("-tt",), ""))
        check_gone(lose_connection(("-tt",), f"{HOLD} run -q --"))
        status = subprocess.run(ssh("root@127.0.0.1", f"{HOLD} run -- sh -c 'exit 6'"), stdin=subprocess.DEVNULL,
                                check=False).returncode
        check_equal(status, 6)
    finally:
        server.terminate()
        server.wait()


main()
