#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""What bash, zsh and fish offer for command lines of hold, in these shells themselves."""
import os
import re
import shutil
import subprocess
import tempfile

from tap import HOLD, check, check_equal, main, skip, test
from terminal import Terminal, end_by_force

COMPLETIONS = os.environ["COMPLETIONS"]
# Of all functions that zsh completes with: to make it takes zsh seconds, so all tests share it.
DUMP = tempfile.TemporaryDirectory()
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# A control character has the shell insert everything that it would offer; another one has it print the line.
ALL, SHOW = "\x18", "\x19"
BASH = f"""
source '{COMPLETIONS}/hold'
bind 'set bell-style none' 'set enable-bracketed-paste off' 'set completion-query-items -1'
bind '"\\C-x": insert-completions'
show() {{ printf 'line{{%s}}\\n' "$READLINE_LINE"; READLINE_LINE=; }}
bind -x '"\\C-y": show'
"""
ZSH = f"""
fpath=('{COMPLETIONS}' $fpath)
autoload -Uz compinit
compinit -u -d '{DUMP.name}/dump'
zle -C every complete-word _generic
zstyle ':completion:every:*' completer _all_matches _complete
zstyle ':completion:every:*' insert yes
zstyle ':completion:*' menu no
bindkey '^X' every
show() {{ print -r -- "line{{$BUFFER}}"; BUFFER= }}
zle -N show
bindkey '^Y' show
unsetopt zle_bracketed_paste prompt_sp
"""


class Interactive:
    """bash or zsh on a terminal."""

    def __init__(self, name, script, *options):
        if not shutil.which(name):
            skip(f"no {name}")
        self.terminal = Terminal(columns=4000)
        with open("script", "w", encoding="utf-8") as file:
            file.write(script)
        environment = {**os.environ, "PS1": "prompt> ", "TERM": "dumb", "HOME": os.getcwd(), "ZDOTDIR": os.getcwd()}
        self.shell = self.terminal.start(name, *options, "-i", env=environment)
        self.terminal.type("source ./script; echo re''ady\n")
        self.terminal.expect("ready")

    def line_after(self, text, key):
        """The line that is there when this was typed, and then this key."""
        self.terminal.type(text + key)
        self.terminal.type(SHOW)
        self.terminal.expect("line{")
        return self.terminal.expect("}")

    def offers(self, text):
        line = self.line_after(text, ALL)
        known = text[:text.rfind(" ") + 1]
        check(line.startswith(known), f"{text!r} became {line!r}")
        return line[len(known):].split()

    def close(self):
        end_by_force(self.shell)
        self.terminal.close()


class Fish:
    def __init__(self):
        if not shutil.which("fish"):
            skip("no fish")

    def offers(self, text):
        said = subprocess.run(["fish", "--no-config", "-c", "source $argv[1]; complete --do-complete=$argv[2]",
                               f"{COMPLETIONS}/hold.fish", text], env={**os.environ, "HOME": os.getcwd()},
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=True).stdout.decode()
        return [line.split("\t")[0] for line in said.splitlines()]

    def close(self):
        pass


SHELLS = {"bash": lambda: Interactive("bash", BASH, "--norc", "--noprofile"),
          "zsh": lambda: Interactive("zsh", ZSH, "-f"), "fish": Fish}


def help_of(*words):
    return subprocess.run([HOLD, *words], stdout=subprocess.PIPE, check=True).stdout.decode()


def verbs():
    return re.findall(r"^  (\w+) ", help_of("--help"), re.M)


def options_of(verb):
    """The long names in the help of a verb."""
    return re.findall(r"^ +(?:-\w, +)?(--[\w-]+)", help_of(verb, "--help"), re.M)


def entries(path, macro):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return re.findall(rf'^{macro}\("?(\w+)"?', file.read(), re.M)


def in_each_shell(sentence):
    def add(function):
        for name, start in SHELLS.items():
            def run(start=start):
                os.environ["XDG_STATE_HOME"] = os.path.abspath("state")
                shell = start()
                try:
                    function(shell)
                finally:
                    shell.close()
            test(f"{name} {sentence}", seconds=120)(run)
        return function
    return add


def check_offers(shell, text, wanted):
    check_equal(sorted(set(shell.offers(text))), sorted(set(wanted)), text)


@in_each_shell("offers the verbs")
def offers_verbs(shell):
    check(len(verbs()) > 5, f"only {len(verbs())} verbs")
    check(set(shell.offers("hold ")) - {"--help", "--version", "-h", "-V"} == {*verbs(), "help"},
          f"offered: {shell.offers('hold ')}")
    check_offers(shell, "hold ru", ["run"])


@in_each_shell("offers the verbs behind help, and one of them only")
def offers_help(shell):
    check_offers(shell, "hold help ", verbs())
    check_offers(shell, "hold help ti", ["timeout"])
    check(not set(shell.offers("hold help run ")) & {*verbs(), "--tty"}, "more than one verb")


@in_each_shell("offers the options of each verb that its help tells of, and no others")
def offers_options(shell):
    for verb in verbs():
        offered = shell.offers(f"hold {verb} --")
        check_equal(sorted(name.rstrip("=") for name in offered), sorted(options_of(verb)), verb)


@in_each_shell("offers the signals where one is to be named, and hold knows each")
def offers_signals(shell):
    signals = entries("src/os/signals.def", "SIGNAL")
    check(len(signals) > 25, f"only {len(signals)} signals")
    check_offers(shell, "hold run -s ", signals)
    check_offers(shell, "hold run --signal ", signals)
    check_offers(shell, "hold timeout -s ", signals)
    check_offers(shell, "hold kill -KI", ["-KILL"])
    child = subprocess.Popen(["sleep", "0"])
    child.wait()
    for signal in signals:
        said = subprocess.run([HOLD, "kill", "-s", signal, str(child.pid)], stderr=subprocess.PIPE, check=False)
        check(said.returncode == 1 and b"No such process" in said.stderr, f"{signal}: {said}")


@in_each_shell("offers the limits, with their equals sign")
def offers_limits(shell):
    check_offers(shell, "hold run --rlimit ", [name + "=" for name in entries("cli/run/limits.def", "LIMIT")])


@in_each_shell("offers the words that an option takes, and hold takes each")
def offers_words(shell):
    for option, least in (("contain", 6), ("orphans", 3)):
        words = shell.offers(f"hold run --{option} ")
        check(len(words) >= least, f"{option}: {words}")
        for word in words:
            said = subprocess.run([HOLD, "run", f"--{option}", word, "--", "true"], stderr=subprocess.PIPE, check=False)
            check(f"'{word}'" not in said.stderr.decode(), f"{word}: {said}")


@in_each_shell("offers files, directories, variables and processes where they belong")
def offers_others(shell):
    os.mkdir("a-directory")
    open("a-file", "w", encoding="utf-8").close()
    os.environ["OFFERED_HERE"] = "1"
    check_equal([name.rstrip("/") for name in shell.offers("hold run --chdir a-")], ["a-directory"])
    check_equal(sorted(name.rstrip("/") for name in shell.offers("hold run --stdin a-")), ["a-directory", "a-file"])
    check("HOME" in shell.offers("hold run --unset HOM"), "HOME is no variable")
    for line in ("hold wait ", "hold stop --tree ", "hold nice --pid "):
        pids = shell.offers(f"{line}{os.getpid()}")
        check(str(os.getpid()) in pids, f"{line}: {pids}")


@in_each_shell("offers the names of detached runs where they belong")
def offers_runs(shell):
    os.makedirs("state/pidhold/build-of-mine")
    for line in ("hold logs ", "hold forget ", "hold stop ", "hold wait ", "hold show ", "hold kill ",
                 "hold attach "):
        names = [name.rstrip("/") for name in shell.offers(f"{line}build")]
        check_equal(names, ["build-of-mine"], line)


@in_each_shell("offers commands after the options, and after the command no option of hold")
def offers_commands(shell):
    check("mkdir" in shell.offers("hold run mkdi"), "no command")
    check("mkdir" in shell.offers("hold run -t -T 5 -- mkdi"), "no command behind --")
    check("mkdir" in shell.offers("hold timeout 5 mkdi"), "no command behind the duration")
    check("a-file" not in shell.offers("hold run --lifeline "), "a file where a number belongs")
    open("a-file", "w", encoding="utf-8").close()
    check_equal(shell.offers("hold run -- cat a-f"), ["a-file"])
    check_equal(shell.offers("hold run -s TERM cat a-f"), ["a-file"])
    for line in ("hold run -- true --preserve", "hold run true --preserve"):
        check("--preserve-status" not in shell.offers(line), line)


@test("bash completes an option's value behind an equals sign, and a limit's", seconds=120)
def bash_equals():
    shell = SHELLS["bash"]()
    check_equal(shell.line_after("hold run --contain=kee", "\t"), "hold run --contain=keeper ")
    check_equal(shell.line_after("hold run --rlimit nofi", "\t"), "hold run --rlimit nofile=")
    check_equal(shell.line_after("hold run --rlimit=nofi", "\t"), "hold run --rlimit=nofile=")
    shell.close()


main()
