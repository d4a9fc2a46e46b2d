# SPDX-License-Identifier: ISC
"""One run of the command at an edge, and the verdict on it. A letter each:

    K  the promise is kept: the true status, and nothing is left
    R  refused before anything ran: 125, 126 or 127, and a line that says why
    T  told: something is not as promised, and the status (123, 125) and a line say so
    -  not promised: without containment a daemon lives on
    ?  this system cannot make the edge
    !  wrong: a status that is not true, a start that ran and is called a failed one, a process that is left and not
       told of, a call that does not return"""
import os
import re
import subprocess

HOLD, FENCE, MEMBER = os.environ["HOLD"], os.environ["FENCE"], os.environ["MEMBER"]
SECONDS, CROWD_SECONDS = 20, 60  # after which a call hangs: ten times what a limit and its ladder take
CONTAINMENTS = ("auto", "none", "group", "keeper", "cgroup", "pidns")
LIMIT = ("--timeout", "300ms", "--ladder", "TERM,300ms,KILL")
SAYS_THAT_IT_RAN = re.compile(r"\b(ran|had run|has run|already)\b")
# What is run, and the status that is the true one.
WORK = {
    "exit": ((), (MEMBER, "exit", "7"), 7),
    "limit": (LIMIT, (MEMBER, "tree", "4", "-1"), 124),
    "leave": ((), (MEMBER, "tree", "4", "7"), 7),
}
# So late that all of a thousand are there, and the limit meets them.
CROWD = {"crowd": (("--timeout", "4s", "--ladder", "TERM,300ms,KILL"), (MEMBER, "crowd", "90"), 124)}


class Outcome:
    def __init__(self, told, out, err):
        words = dict(word.split("=", 1) for word in told.split() if "=" in word)
        self.impossible = words.get("cannot")
        self.end, self.left = words.get("end", "lost"), int(words.get("left", 0))
        self.status = int(self.end.split(":")[1]) if self.end.startswith("exit:") else None
        self.out, self.err = out, err

    def __str__(self):
        return f"{self.end}, {self.left} left, ran {self.out.count('ran')} times, said {self.err.strip()[:300]!r}"


def run(edge, options, command, out=None, verb=("run",)):
    seconds = CROWD_SECONDS if "crowd" in command else SECONDS
    told, tell = os.pipe()
    process = subprocess.Popen(
        [FENCE, "--tell", str(tell), "--seconds", str(seconds), *edge, "--", HOLD, *verb, *options, "--", *command],
        stdin=subprocess.DEVNULL, stdout=out or subprocess.PIPE, stderr=subprocess.PIPE, pass_fds=[tell],
        cwd="/", errors="replace", text=True)
    os.close(tell)
    said, errors = process.communicate()
    with os.fdopen(told, errors="replace") as file:
        return Outcome(file.read(), said or "", errors)


def verdict(outcome, containment, wanted, shows_output=True):
    """The letter, and why it is the last one. `wanted`: the true status; None: any that is not success."""
    ran = outcome.out.count("ran") if shows_output else 1
    is_told = outcome.err.strip() != ""
    if outcome.impossible:
        return "?", outcome.impossible
    if outcome.status is None:
        return "!", "it hangs" if outcome.end == "hung" else f"hold ended by {outcome.end}"
    if ran > 1:
        return "!", "the command ran more than once"
    if ran and shows_output and "cannot start" in outcome.err and not SAYS_THAT_IT_RAN.search(outcome.err):
        return "!", "it ran, and is called a start that failed"
    if outcome.status in (125, 126, 127) and is_told and outcome.left == 0 and (ran == 0 or not shows_output):
        return "R", ""
    if outcome.status in (123, 125) and is_told:
        return "T", ""
    if outcome.left:
        if containment in ("none", "group") and outcome.status == wanted:
            return "-", ""
        return ("T", "") if is_told and outcome.status == wanted and wanted else ("!", "left in silence")
    if outcome.status == wanted or (wanted is None and outcome.status != 0):
        return "K", ""
    return "!", "the status is not true"
