#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""docs/schema: the examples, and what the command writes, are as the schemas say. By Debian's python3, for its
packages."""
import copy
import glob
import json
import os
import re
import signal
import subprocess

from manpage import pages
from tap import HOLD, check, check_equal, main, skip, test, until
from transcript import ROOT, read

try:
    import jsonschema
except ImportError:
    jsonschema = None

DIRECTORY = os.path.join(ROOT, "docs", "schema")


def schemas():
    """name-version -> the schema, of which there are eight kinds at least."""
    if jsonschema is None:
        skip("no jsonschema")
    found = {os.path.basename(path)[:-5]: json.loads(read(path)) for path in glob.glob(f"{DIRECTORY}/*.json")}
    check_equal({name.rsplit("-", 1)[0] for name in found},
                {"report", "audit", "caps", "events", "run", "show", "summary", "wait"}, "kinds")
    return found


def examples(name):
    return {os.path.basename(path): json.loads(read(path)) for path in glob.glob(f"{DIRECTORY}/examples/{name}-*.json")}


def strict(node):
    """The same schema, for which a field that it does not describe is an error."""
    if isinstance(node, list):
        return [strict(one) for one in node]
    if not isinstance(node, dict):
        return node
    closed = {key: strict(value) for key, value in node.items()}
    if node.get("type") == "object":
        closed["additionalProperties"] = False
    return closed


def faults(schema, document):
    return [f"{'/'.join(map(str, error.absolute_path))}: {error.message}"
            for error in jsonschema.Draft202012Validator(schema).iter_errors(document)]


def check_document(name, document, schema):
    check_equal(faults(strict(schema), document), [], f"{name}: {document}")


def output_of(*words):
    return subprocess.run([HOLD, *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          check=False).stdout.decode()


@test("each schema is one, with its name and version")
def are_schemas():
    for name, schema in schemas().items():
        jsonschema.Draft202012Validator.check_schema(schema)
        check_equal(schema["$id"], f"urn:pidhold:{name}")
        version = schema["properties"].get("version", {"const": 1})
        check_equal(version["const"], int(name.rsplit("-", 1)[1]), name)


@test("each example is as its schema says, and each schema has one")
def examples_are_valid():
    for name, schema in schemas().items():
        check(examples(name), f"no example of {name}")
        for file, document in examples(name).items():
            check_document(file, document, schema)
    known = {file for name in schemas() for file in examples(name)}
    check_equal(known, set(os.listdir(f"{DIRECTORY}/examples")), "files that are an example")


@test("an example that lacks a field, or has another version or a field of another type, is refused")
def wrong_ones_are_refused():
    for name, schema in schemas().items():
        for file, document in examples(name).items():
            for key in schema["required"]:
                check(faults(schema, {other: value for other, value in document.items() if other != key}),
                      f"{file} without {key}")
            for key in document:
                wrong = copy.deepcopy(document)
                wrong[key] = {"no": "such type"} if not isinstance(document[key], dict) else 7
                check(faults(schema, wrong), f"{file} with another {key}")
            if "version" in document:
                check(faults(schema, {**document, "version": 2}), f"{file} of version 2")


@test("what hold run reports is as the schema says, however the command ended")
def reports():
    schema = schemas()["report-1"]
    outcomes = set()
    for words in (["true"], ["sh", "-c", "exit 7"], ["sh", "-c", "kill -KILL $$"], ["-T", "100ms", "sleep", "60"],
                  ["-T", "100ms", "-k", "100ms", "sh", "-c", "trap '' TERM; while :; do sleep 1; done"],
                  ["no-such-command"], ["--chdir", "/nonexistent", "true"], ["--contain", "none", "true"],
                  ["--strict", "sh", "-c", "setsid sleep 60 & exit 0"], ["-n", "3", "sh", "-c", ":", "odd\udcff\n"],
                  ["--orphans", "keep", "sh", "-c", "sleep 1 & exit 0"], ["-t", "true"],
                  ["--max-output", "5", "--spill", "/dev/full", "seq", "10000"]):
        output_of("run", "-q", "--report", "report", *words)
        report = json.loads(read(os.path.abspath("report")))
        check_document(f"the report of {words}", report, schema)
        outcomes.add(report["outcome"])
    check_equal(outcomes, {"exited", "signalled", "not_started"})


@test("each audit line is as the schema says, and the schema has every event")
def audit():
    schema = schemas()["audit-1"]
    output_of("run", "-q", "--audit", "acts", "-T", "100ms", "sh", "-c", "sleep 60 & sleep 60")
    output_of("run", "-q", "--audit", "acts", "sh", "-c", "setsid sleep 60 & exit 0")
    lines = read(os.path.abspath("acts")).splitlines()
    check(len(lines) >= 4, f"only {len(lines)} lines")
    for line in lines:
        check_document("an audit line", json.loads(line), schema)
    events = re.findall(r'^EVENT\(\w+, "([\w.]+)"', read("src/core/events.def"), re.M)
    check_equal(sorted(schema["properties"]["event"]["enum"]), sorted(events), "events")


@test("each event is as the schema says, and the schema and hold(1) have the events that hold run tells")
def events():
    schema = schemas()["events-1"]
    seen = set()
    for words in (["sh", "-c", "exit 7"], ["--warn-after", "1ms", "-T", "100ms", "sh", "-c", "sleep 60 & wait"],
                  ["no-such-command"], ["--name", "odd", "sh", "-c", ":", "odd\udcff\n"],
                  ["--idle-timeout", "50ms", "sh", "-c", "setsid sleep 60 & exec sleep 60"]):
        output_of("run", "-q", "--events", "+events", *words)
    for line in read(os.path.abspath("events")).splitlines():
        check_document("an event", json.loads(line), schema)
        seen.add(json.loads(line)["event"])
    check_equal({"started", "not-started", "signal", "limit", "warn", "idle", "ended"} - seen, set(), "not told")
    told = {name for path in glob.glob(os.path.join(ROOT, "cli/run/*.c"))
            for name in re.findall(r'\b(?:events_tell|events_start_line|start_line_at)\(\S+, "([a-z-]+)"', read(path))}
    check_equal(set(schema["properties"]["event"]["enum"]), told, "the schema's, and those of the code")
    section = re.search(r"^\.Sh EVENTS\n(.*?)^\.El", read(pages(1)[0]), re.M | re.S).group(1)
    check_equal({name for line in re.findall(r"^\.It (.+)", section, re.M) for name in line.split(" , ")}, told,
                "those of hold(1), and of the code")


def holds_a_process(pid):
    return any("pidfd" in os.readlink(path) for path in glob.glob(f"/proc/{pid}/fd/*") if os.path.islink(path))


@test("what hold report prints as JSON is as the schema says")
def summary():
    schema = schemas()["summary-1"]
    for words in (["true"], ["-T", "100ms", "sleep", "60"], ["no-such-command"],
                  ["--orphans", "keep", "sh", "-c", "sleep 1 &"]):
        output_of("run", "-q", "--report-dir", ".", *words)
    check_document("hold report", json.loads(output_of("report", "--json", ".")), schema)
    check_document("hold report of nothing", json.loads(output_of("report", "--json", "/dev/null")), schema)


@test("what hold caps, show and wait print as JSON is as the schemas say")
def others():
    known = schemas()
    check_document("caps", json.loads(output_of("caps", "--json")), known["caps-1"])
    with subprocess.Popen(["sh", "-c", "sleep 60 & wait"]) as process:
        check_document("show", json.loads(output_of("show", "--json", str(process.pid))), known["show-1"])
        check_document("show", json.loads(output_of("show", "--json", str(os.getpid()))), known["show-1"])
        check_document("wait", json.loads(output_of("wait", "--json", "-T", "0", str(process.pid))), known["wait-1"])
        with subprocess.Popen([HOLD, "wait", "--json", str(process.pid)], stdout=subprocess.PIPE) as waiter:
            until(lambda: holds_a_process(waiter.pid), "hold wait holds the process")
            subprocess.run([HOLD, "stop", "-q", "--tree", str(process.pid)], check=True)
            process.wait()
            check_document("wait", json.loads(waiter.stdout.read()), known["wait-1"])


@test("what hold list and show print of detached runs is as the schema says, whatever has become of them")
def runs():
    schema = schemas()["run-1"]
    os.environ["XDG_STATE_HOME"] = os.path.abspath("state")
    for words in (["exited", "true"], ["signalled", "sh", "-c", "kill -KILL $$"], ["runs", "sleep", "60"],
                  ["killed", "sleep", "60"]):
        check(output_of("run", "--detach", "--name", *words), f"no start of {words}")
    output_of("wait", "exited", "signalled")
    killed = json.loads(output_of("show", "--json", "killed"))
    os.kill(int(killed["hold"].split(":")[0]), signal.SIGKILL)
    output_of("wait", "killed")
    documents = [json.loads(line) for line in output_of("list", "--all", "--json").splitlines()]
    for document in documents:
        check_document("list", document, schema)
    output_of("stop", "runs")
    check_document("show", json.loads(output_of("show", "--json", "runs")), schema)
    check_equal(sorted(document["state"] for document in documents), ["ended", "ended", "running", "unknown"])


@test("the schema of the report has the fields that hold(1) describes")
def fields():
    section = re.search(r"^\.Sh THE REPORT\n(.*?)^\.El", read(pages(1)[0]), re.M | re.S).group(1)
    described = {name for line in re.findall(r"^\.It (.+)", section, re.M) for name in line.split(" , ")}
    check(len(described) > 20, f"only {len(described)} fields found")
    check_equal(set(schemas()["report-1"]["properties"]), described)


main()
