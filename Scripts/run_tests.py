#!/usr/bin/env python3
"""Runs all tests and adds them up: the last line is `N passed, N failed, N skipped`.

Four stages: the Swift tests; once more below `umockdev-wrapper` those that asked for it; the tests of these scripts; with
`--bus` those that run a released binary on a bus without hardware (Tests/Bus).
A test counts once, whatever number of stages it was in: as failed if it failed in one of them, else as passed if it
passed in one. Skipped tests are listed with their reasons. A stage that runs no test has failed.

The Swift tests are built before, see the Makefile.
"""

import argparse
import json
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
LOGS = ROOT / ".build" / "test-logs"
WRAPPER = "umockdev-wrapper"

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"

# Lines of Swift Testing that tell nothing while all is well; they stay in the log.
QUIET_LINE = re.compile(r'^(◇|✔ (Test "|Test case|Suite|Test \S+\(\))|➜)')


class Outcomes:
    """What became of each test, over all stages."""

    RANK = {SKIPPED: 0, PASSED: 1, FAILED: 2}

    def __init__(self):
        self.tests = {}  # id: (outcome, name, reason of a skip)

    def add(self, identity, outcome, name, reason=""):
        before = self.tests.get(identity)
        if before is None or self.RANK[outcome] > self.RANK[before[0]]:
            self.tests[identity] = (outcome, name, reason)

    def update(self, other):
        for identity, result in other.tests.items():
            self.add(identity, *result)

    def with_outcome(self, outcome):
        return {identity: test for identity, test in self.tests.items() if test[0] == outcome}

    def count(self, outcome):
        return len(self.with_outcome(outcome))

    @property
    def executed(self):
        return self.count(PASSED) + self.count(FAILED)

    def closing_line(self):
        return ", ".join(f"{self.count(outcome)} {outcome}" for outcome in (PASSED, FAILED, SKIPPED))


def read_events(lines):
    """Outcomes from an event stream of Swift Testing (its documented JSON ABI, version 0).

    A test that was there and neither ended nor was skipped went down with the process: it failed.
    """
    names, ended, skipped = {}, {}, {}
    for line in lines:
        record = json.loads(line)
        payload = record["payload"]
        if record["kind"] == "test" and payload["kind"] == "function":
            names[payload["id"]] = payload.get("displayName") or payload["name"]
        elif record["kind"] == "event" and payload["kind"] == "testEnded":
            ended[payload["testID"]] = any(message["symbol"] == "fail" for message in payload["messages"])
        elif record["kind"] == "event" and payload["kind"] in ("testSkipped", "testCancelled"):
            reasons = payload.get("_comments") or [message["text"] for message in payload["messages"]]
            skipped[payload["testID"]] = "; ".join(reasons)
    outcomes = Outcomes()
    for identity, name in names.items():
        if ended.get(identity):
            outcomes.add(identity, FAILED, name)
        elif identity in skipped:
            outcomes.add(identity, SKIPPED, name, skipped[identity])
        elif identity in ended:
            outcomes.add(identity, PASSED, name)
        else:
            outcomes.add(identity, FAILED, name + " (did not end)")
    return outcomes


def concluded(stage, outcomes, status):
    """The outcomes of a stage, with what its tests do not tell: an exit code of its own, and that there were none."""
    if status != 0 and outcomes.count(FAILED) == 0:
        outcomes.add(f"stage {stage}", FAILED, f"{stage}: exit code {status} without a failed test")
    elif outcomes.executed == 0:
        outcomes.add(f"stage {stage}", FAILED, f"{stage}: ran no test")
    return outcomes


def run_swift(stage, swift, filters=(), wrapper=()):
    LOGS.mkdir(parents=True, exist_ok=True)
    events = LOGS / f"{stage}.jsonl"
    events.unlink(missing_ok=True)
    command = [*wrapper, swift, "test", "--skip-build", "--disable-xctest"]
    command += ["--event-stream-version", "0", "--event-stream-output-path", str(events)]
    for pattern in filters:
        command += ["--filter", pattern]
    print(f"== {stage}", flush=True)
    with open(LOGS / f"{stage}.log", "w", encoding="utf-8") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            encoding="utf-8", errors="replace")
        for line in process.stdout:
            log.write(line)
            if not QUIET_LINE.match(line):
                print(line, end="", flush=True)
        status = process.wait()
    # Only a newline ends a record: texts of tests may hold the other characters that Python takes for one.
    lines = events.read_text(encoding="utf-8").split("\n")[:-1] if events.exists() else []
    return concluded(stage, read_events(lines), status)


def filters_for(skipped):
    """Patterns that select the suites of the given tests, or the tests themselves outside of any suite."""
    suites = {identity.split("/`")[0] if "/" in identity else identity for identity in skipped}
    return ["^" + re.sub(r"([.()])", r"\\\1", suite) for suite in sorted(suites)]


class CountingResult(unittest.TextTestResult):
    """Also keeps the tests that passed."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.outcomes = Outcomes()

    def stopTest(self, test):
        super().stopTest(test)
        self.outcomes.add(test.id(), PASSED, test.id())

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.outcomes.add(test.id(), SKIPPED, test.id(), reason)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.outcomes.add(test.id(), FAILED, test.id())

    def addError(self, test, err):
        super().addError(test, err)
        self.outcomes.add(test.id(), FAILED, test.id())

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.outcomes.add(test.id(), FAILED, test.id())


def run_scripts(stage):
    print(f"== {stage}", flush=True)
    suite = unittest.defaultTestLoader.discover(str(ROOT / "Scripts" / "tests"))
    result = unittest.TextTestRunner(stream=sys.stdout, resultclass=CountingResult, verbosity=0).run(suite)
    return concluded(stage, result.outcomes, 0 if result.wasSuccessful() else 1)


# A line of Tests/Bus/run.py.
BUS_LINE = re.compile(r"(passed|failed|skipped)  (.+?), [0-9.]+ s(?:: (.*))?")


def read_bus(lines):
    """Outcomes from the lines of Tests/Bus/run.py."""
    outcomes = Outcomes()
    for line in lines:
        if found := BUS_LINE.fullmatch(line):
            outcomes.add("bus " + found[2], found[1], found[2], found[3] or "")
        elif line.startswith("not run: "):
            outcomes.add("bus", SKIPPED, "the bus", line.removeprefix("not run: "))
    return outcomes


def run_bus(stage, binary):
    print(f"== {stage}", flush=True)
    command = [sys.executable, str(ROOT / "Tests" / "Bus" / "run.py"), binary]
    result = subprocess.run(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        encoding="utf-8", errors="replace")
    LOGS.mkdir(parents=True, exist_ok=True)
    (LOGS / f"{stage}.log").write_text(result.stdout, encoding="utf-8")
    lines = result.stdout.splitlines()
    outcomes = read_bus(lines)
    if result.returncode != 0:
        print(result.stdout)
    elif outcomes.executed == 0 and outcomes.count(SKIPPED):
        return outcomes
    return concluded(stage, outcomes, result.returncode)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--swift", default="swift", help="the Swift driver")
    parser.add_argument("--bus", metavar="KEYPROV", help="a released binary, for the tests of the bus")
    arguments = parser.parse_args()

    outcomes = run_swift("Swift tests", arguments.swift)
    waiting = [key for key, (_, _, reason) in outcomes.with_outcome(SKIPPED).items() if WRAPPER in reason]
    if waiting and shutil.which(WRAPPER):
        stage = "libusb on a made-up bus"
        outcomes.update(run_swift(stage, arguments.swift, filters_for(waiting), [WRAPPER]))
    outcomes.update(run_scripts("scripts"))
    if arguments.bus:
        outcomes.update(run_bus("bus", arguments.bus))

    print()
    for _, name, reason in sorted(outcomes.with_outcome(SKIPPED).values()):
        print(f"skipped: {name}: {reason}")
    for _, name, _ in sorted(outcomes.with_outcome(FAILED).values()):
        print(f"failed: {name}")
    if outcomes.count(FAILED):
        print(f"All output: {LOGS.relative_to(ROOT)}")
    print(outcomes.closing_line())
    return 1 if outcomes.count(FAILED) else 0


if __name__ == "__main__":
    sys.exit(main())
