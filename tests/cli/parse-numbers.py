#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The numbers of command lines, compared with exact arithmetic, at the ends of every range too."""
import os
import random
import re
import signal
import subprocess
from fractions import Fraction
from math import ceil

from tap import HOLD, PATIENCE, check, check_equal, main, test

PARSE = os.environ["PARSE"]
UNITS = {"us": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "min": 60 * 10**9, "h": 3600 * 10**9,
         "d": 86400 * 10**9, "": 10**9}
MOST = 2**63 - 1
ENDS = sorted({sign * (2**bits + more) for bits in (0, 8, 15, 16, 31, 32, 53, 62, 63, 64, 65, 127)
               for more in (-2, -1, 0, 1, 2) for sign in (1, -1)})


def parsed(kind, texts):
    """What the parser makes of each text."""
    done = subprocess.run([PARSE], input="".join(f"{kind} {text}\n" for text in texts), stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True, timeout=PATIENCE, check=True)
    results = done.stdout.splitlines()
    check_equal(len(results), len(texts), "one answer a text")
    return results


def compare(kind, texts, model):
    for text, result in zip(texts, parsed(kind, texts)):
        check_equal(result, str(model(text)), f"{kind} {text!r}")


def duration_model(text):
    """Each part is rounded up to a nanosecond."""
    parts = re.findall(r" *(\d*(?:\.\d*)?) *(us|ms|min|[smhd]|) *", text, re.ASCII)[:-1]
    total = sum(ceil(Fraction("0" + number.rstrip(".") if number[0] == "." else number.rstrip(".")) * UNITS[unit])
                for number, unit in parts)
    return total if total <= MOST else "refused"


@test("fractions of every unit are exact, those of days too")
def fractions():
    texts = [f"{n // 100}.{n % 100:02}{unit}" for n in range(1, 1000) for unit in UNITS]
    compare("duration", texts, duration_model)


@test("10,000 random durations are what exact arithmetic makes of them, rounded up")
def random_durations():
    rng = random.Random(1)
    texts = []
    for _ in range(10000):
        count = rng.choice((1, 1, 1, 2, 3))
        texts.append(" ".join(
            str(rng.randrange(10**rng.randrange(1, 14))) +
            rng.choice(("", ".", "." + "".join(rng.choices("0123456789", k=rng.randrange(1, 40))))) +
            rng.choice([unit for unit in UNITS if unit or count == 1]) for _ in range(count)))
    compare("duration", texts, duration_model)
    check(parsed("duration", texts).count("refused") not in (0, len(texts)), "no text is too long, or all are")


@test("the longest duration is 2^63 - 1 ns, and one more is refused, in every unit")
def longest():
    texts = []
    for unit, ns in UNITS.items():
        for n in range(MOST // ns - 1, MOST // ns + 3):
            texts += [f"{n}{unit}", f"{n}.999999999999999{unit}"]
    texts += [f"{MOST // 10**9}.{MOST % 10**9 + more:09}s" for more in (-1, 0, 1)]
    texts += [f"{abs(end)}{unit}" for end in ENDS for unit in UNITS]
    compare("duration", texts, duration_model)


@test("a positive duration is never 0")
def positive():
    texts = ["0." + "0" * zeros + "1" + unit for zeros in range(60) for unit in UNITS]
    check(all(int(ns) > 0 for ns in parsed("duration", texts)), "one is 0")
    texts = [text for text in texts if not text.endswith(("us", "ms", "min"))]
    texts += ["1e-400", "1e-4940", "1e-4960", "1e-99999", "0x1p-16000", "4.9e-324d", "1e-4951d"]
    check(all(int(ns) > 0 for ns in parsed("timeout", texts)), "one is 0 for timeout(1)")


@test("what is no duration is refused")
def no_durations():
    texts = ["", " ", ".", "s", ".s", "-1", "+1", "1s1", "1h30", "1 2", "5x", "5S", "1e3", "0x10", "inf", "nan",
             "5.5.5", "1,5s", "1s,", "1\ts", "\v1", "1s\r", "١s", "1 µs"]
    check_equal([text for text, result in zip(texts, parsed("duration", texts)) if result != "refused"], [])


def timeout_model(text):
    number, unit = re.fullmatch(r"([\d.]+)([smhd]?)", text).groups()
    return ceil(Fraction(number) * UNITS[unit])


@test("hold timeout's durations are near to exact, and never shorter by more than a rounding")
def timeout_durations():
    rng = random.Random(2)
    texts = [f"{rng.randrange(10**rng.randrange(1, 7))}.{rng.randrange(10**9):09}{rng.choice('smh') if i % 2 else ''}"
             for i in range(5000)] + [f"{n // 100}.{n % 100:02}d" for n in range(1000)]
    for text, result in zip(texts, parsed("timeout", texts)):
        exact = timeout_model(text)
        # Where long double has 53 bits only, as double has.
        check(abs(int(result) - exact) <= 1 + exact // 2**51, f"{text}: {result}, not {exact}")


@test("hold timeout: what is more than can be waited for is no limit, and what is no number is refused")
def timeout_ends():
    compare("timeout", ["inf", "infinity", "INFd", "1e30", "1e4000d", "1e99999", "0x1p63", "106752d",
                        "9223372037", "18446744073709551616", "0", "0.0", "-0", "0e5"], lambda text: 0)
    compare("timeout", ["nan", "-nan", "nand", "-1", "-1e-9", "-1e-99999", "-inf", "", "s", "x", "1x", "1ss", "1 s",
                        "--1", "0x", "1e"], lambda text: "refused")
    compare("timeout", ["0x10", "1e3", "1E-9", " 1", "+1", "106751d"],
            {"0x10": 16 * 10**9, "1e3": 10**12, "1E-9": 1, " 1": 10**9, "+1": 10**9,
             "106751d": 106751 * UNITS["d"]}.get)


@test("numbers are right at the ends of 64 bits, and what is none is refused")
def numbers():
    texts = [form.format(end) for end in ENDS for form in ("{}", "{:+}", "{:040}")]
    compare("number", texts, lambda text: int(text) if -2**63 <= int(text) < 2**63 else "refused")
    compare("clamped", texts, lambda text: max(-2**63, min(2**63 - 1, int(text))))
    no_numbers = ["", " ", "+", "-", "--1", "+-1", "1 ", " 1", "\t1", "\v1", "1\r", "0x10", "1e3", "1.", "1_0", "١",
                  "99999999999999999999x"]
    for kind in ("number", "clamped", "pid"):
        compare(kind, no_numbers, lambda text: "refused")


@test("the number of a process is digits, without a plus, and one beyond 31 bits is told to be too large")
def pids():
    compare("pid", [str(end) for end in ENDS],
            lambda text: int(text) if abs(int(text)) < 2**31 else "too large")
    compare("pid", ["+1", "+0", "+99999999999999999999"], lambda text: "refused")


def limit_model(text):
    values = []
    for value in text.partition("=")[2].split(":"):
        if value == "unlimited":
            values.append(2**64 - 1)
            continue
        match = re.fullmatch(r"(\d+)([KMGT]?)", value, re.ASCII)
        values.append(int(match.group(1)) * 1024**" KMGT".index(match.group(2) or " ") if match else 2**64)
    if len(values) > 2 or max(values) >= 2**64:
        return "refused"
    return f"{values[0]} {values[-1]}"


@test("limits of resources are right to the last of 64 bits")
def limits():
    numbers = [str(abs(end)) for end in ENDS]
    values = [number + unit for number in numbers for unit in ("", "K", "M", "G", "T")]
    values += [f"{2**64 // 1024**i + more}{unit}" for i, unit in enumerate("KMGT", 1) for more in (-1, 0, 1)]
    values += ["unlimited", "", "-1", "+1", " 1", "1 ", "1k", "1KB", "0x10", "1.5G", "unlimited1", "K"]
    rng = random.Random(3)
    texts = ["nofile=" + value for value in values]
    texts += [f"as={rng.choice(values)}:{rng.choice(values)}" for _ in range(5000)] + ["nofile=1:2:3"]
    compare("limit", texts, limit_model)


@test("every number from 0 to 64 and every name is a signal, and nothing else is")
def signals():
    names = {item.name[3:]: int(item) for item in signal.Signals if not item.name.startswith("SIGRT")}
    names = {name: number for name, number in names.items() if name not in ("CLD", "POLL", "IOT")}
    for offset in range(signal.SIGRTMAX - signal.SIGRTMIN + 1):
        names[f"RTMIN+{offset}"] = signal.SIGRTMIN + offset
        names[f"RTMAX-{offset}"] = signal.SIGRTMAX - offset
    numbers = {str(number): number for number in range(signal.SIGRTMAX + 1)}
    known = {**names, **{"SIG" + name: number for name, number in names.items()},
             **{name.lower(): number for name, number in names.items()}, **numbers}
    compare("signal", list(known), known.get)
    wrong = [str(end) for end in ENDS if not 0 <= end <= 64] + [
        "", " ", "65", "-1", "+1", "1 ", " 1", "SIG", "SIG15", "SIGSIGTERM", "RTMIN+", "RTMIN-1", "RTMIN+31", "RTMAX+1",
        "RTMIN+-1", "RTMIN+4294967296", "RTMIN+99999999999999999999", "TERM\v"]
    compare("signal", wrong, lambda text: "refused")


@test("a ladder has signals, and times in whole milliseconds, rounded up")
def ladders():
    compare("ladder", ["TERM", "TERM,5s,KILL", "15,0.2d,9", "TERM,.5,KILL", "1,1us,2,0.0000000001s,9", "INT,KILL",
                       "TERM,106751d,KILL"],
            lambda text: {"TERM": "15,0", "TERM,5s,KILL": "15,5000 9,0", "15,0.2d,9": "15,17280000 9,0",
                          "TERM,.5,KILL": "15,500 9,0", "1,1us,2,0.0000000001s,9": "1,1 2,1 9,0",
                          "INT,KILL": "2,0 9,0", "TERM,106751d,KILL": f"15,{106751 * 86400000} 9,0"}[text])
    compare("ladder", ["", ",", "TERM,", "TERM,106752d,KILL", "TERM,99999999999999999999,KILL", "0", "65", "4294967311",
                       "5s", "TERM,-1,KILL", "TERM,+1,KILL", "TERM, ,KILL"], lambda text: "refused")


def said(*words):
    done = subprocess.run([HOLD, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=PATIENCE,
                          stdin=subprocess.DEVNULL)
    return done.returncode, done.stderr


@test("a number that does not fit is refused with its text by every option and verb, and nothing is started")
def refused():
    for end in (2**31, 2**32, 2**32 + 1, 2**63, 2**64 + 1, -2**63 - 1, "", " 1", "1 ", "+"):
        for words in (("run", "--lifeline"), ("run", "--oom-score-adj"), ("run", "--nice"), ("run", "--user"),
                      ("run", "--group"), ("run", "--size")):
            if words[1] in ("--user", "--group") and end in (2**31,):
                continue  # a user's number has 32 bits
            code, text = said(*words[:1], f"{words[1]}={end}", *words[2:], "touch", "started")
            check_equal(code, 125, f"{words} {end!r}")
            check(f"'{end}'" in text, text)
        for verb in ("wait", "show", "stop", "nice --pid"):
            code, text = said(*verb.split(), "--", str(end))
            check_equal(code, 1, f"{verb} {end!r}")
            check(f"'{end}'" in text, text)
        for verb in ("kill", "killpg"):
            code, text = said(verb, "-s", "0", "--", str(end))
            check_equal(code, 1, f"{verb} {end!r}")
            check(f"'{end}'" in text, text)
    check(not os.path.exists("started"), "it was started")


@test("an option that misses its argument is named as it was written")
def missing_argument():
    for words in (("run", "-T"), ("run", "--timeout"), ("run", "-tT"), ("kill", "-s"), ("stop", "--ladder")):
        check_equal(said(*words), (125, f"hold: {words[0]}: option '{words[1]}' needs an argument\n"))


@test("hold stop says its own name of a wrong ladder")
def verb_of_ladder():
    for ladder in ("NOPE", "TERM,5x,KILL", "TERM," * 16 + "KILL", "T" * 64):
        code, text = said("stop", "--ladder", ladder, "999999999")
        check_equal(code, 125)
        check(text.startswith("hold: stop: --ladder '"), text)


main()
