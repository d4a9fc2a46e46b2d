#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""A program shows the same screen through hold run --tty as without it: both run in tmux, which knows what is shown."""
import itertools
import os
import shutil
import subprocess
import time

from tap import HOLD, PATIENCE, Unmet, main, skip, test

servers = itertools.count()  # a server that ends would take a new session with it
SIZES = ((20, 5), (80, 24), (200, 60))
TEXT = "".join(f"{i} " + "wide 日本 é and so on " * (i % 9) + "\n" for i in range(300))


def tmux(*words):
    return subprocess.run(["tmux", "-L", tmux.socket, "-f", "/dev/null", *words], capture_output=True, timeout=PATIENCE,
                          env={**os.environ, "LC_ALL": "C.UTF-8", "TERM": "xterm-256color"}).stdout.decode()


def screen(pane):
    return tmux("capture-pane", "-p", "-e", "-t", pane)


def until_same(panes, what):
    """Waits until both show the same, and have shown it for a while."""
    end = time.monotonic() + PATIENCE
    before = None
    while True:
        shown = [screen(pane) for pane in panes]
        if shown[0] == shown[1] == before and shown[0].strip():
            return
        if time.monotonic() > end:
            raise Unmet(f"{what}: {shown[1]!r}, not {shown[0]!r}; {tmux('list-panes', '-a')}")
        before = shown[0]
        time.sleep(0.1)


def compare(name, command, *acts):
    """acts: keys, each with what has to be shown after them by both, or a size."""
    for columns, rows in SIZES:
        panes = ("direct", "held")
        tmux.socket = f"pidhold-test-{os.getpid()}-{next(servers)}"
        for pane, words in zip(panes, ([], [HOLD, "run", "--tty", "--"])):
            tmux("new-session", "-d", "-s", pane, "-x", str(columns), "-y", str(rows), *words, *command)
        try:
            until_same(panes, f"{name} at first, {columns}x{rows}")
            for act in acts:
                for pane in panes:
                    if isinstance(act, tuple):
                        tmux("resize-window", "-t", pane, "-x", str(act[0]), "-y", str(act[1]))
                    else:
                        tmux("send-keys", "-t", pane, *act.split())
                until_same(panes, f"{name} after {act}, {columns}x{rows}")
        finally:
            tmux("kill-server")


def program(name):
    """For a test that needs it."""
    def add(function):
        @test(f"{name} shows the same as without hold, at three sizes, and when it is resized", 300)
        def run():
            for needed in ("tmux", name):
                if not shutil.which(needed):
                    skip(f"no {needed}")
            with open("text", "w", encoding="utf-8") as file:
                file.write(TEXT)
            function()
        return run
    return add


@program("less")
def less():
    compare("less", ["less", "-S", "text"], "Space", "G", (60, 20), "/ 2 9 7 Enter", "1 0 g", (120, 40), "Right")


@program("bash")
def bash():
    compare("bash", ["env", "PS1=$ ", "HISTFILE=", "bash", "--norc", "--noprofile"], "e c h o Space h e l l o Enter",
            (70, 18), "s t t y Space s i z e Enter", "s l e e p Space 9 9 Enter C-z", "k i l l Space % 1 Enter Enter",
            "Up")


@program("vim")
def vim():
    compare("vim", ["vim", "-N", "-u", "NONE", "-i", "NONE", "-n", "text"], "5 j", "i h a l l o Escape", (50, 15),
            "G", ": s e t Space n u m b e r Enter", (150, 50), "/ 2 9 Enter")


@program("dialog")
def dialog():
    compare("dialog", ["dialog", "--menu", "which", "0", "0", "0", "one", "first", "two", "second"], "Down", "Tab")


@program("fish")
def fish():
    compare("fish", ["env", "HOME=.", "XDG_CONFIG_HOME=.", "XDG_DATA_HOME=.", "fish", "--no-config", "-C",
                     "function fish_prompt; echo -n 'f> '; end; set fish_greeting"], "e c h o Space h i Enter")


@program("zsh")
def zsh():
    compare("zsh", ["env", "PS1=z> ", "zsh", "-f"], "e c h o Space h i Enter", (60, 10), "s l e e p Space 9 Enter C-z")


main()
