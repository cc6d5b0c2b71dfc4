#!/usr/bin/env python3
"""usage: run.py KEYPROV [PATTERN…]

Runs the tests of the bus with that binary; the last line is `N passed, N failed, N skipped`. A pattern is a part of the
names of the tests that are to run.
"""

import concurrent.futures
import pathlib
import signal
import sys
import time
import unittest

sys.dont_write_bytecode = True

import bus
import canokey
import clients
import line
import nitrokeys
import onlykey
import scenarios
import slots
import token2
import ykman

MODULES = (canokey, clients, line, nitrokeys, onlykey, scenarios, slots, token2, ykman)

# Each test has a bus of its own and waits most of the time.
AT_ONCE = 4


def cases(suite):
    """The single tests of a suite."""
    for part in suite:
        if isinstance(part, unittest.TestSuite):
            yield from cases(part)
        else:
            yield part


def run(case):
    result, start = unittest.TestResult(), time.monotonic()
    case.run(result)
    return result, time.monotonic() - start


def tell(case, result, seconds):
    """Prints how a test ended.

    Returns: the word for it.
    """
    problems = result.failures + result.errors
    word = "failed" if problems else "skipped" if result.skipped else "passed"
    reason = ": " + result.skipped[0][1] if word == "skipped" else ""
    print(f"{word}  {type(case).__name__}: {case._testMethodName[5:].replace('_', ' ')}, {seconds:.1f} s{reason}")
    for _, text in problems:
        print(text)
    sys.stdout.flush()
    return word


def end_once(number, frame):
    signal.signal(number, signal.SIG_IGN)
    sys.exit(128 + number)


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    scenarios.KEYPROV = pathlib.Path(sys.argv[1]).resolve()
    loader = unittest.TestLoader()
    loader.testNamePatterns = [f"*{pattern}*" for pattern in sys.argv[2:]] or None
    tests = list(cases(loader.loadTestsFromModule(module) for module in MODULES))
    try:
        bus.build_bridge()
    except bus.Missing as missing:
        print(f"not run: {missing}\n0 passed, 0 failed, {len(tests)} skipped")
        return 0
    start = time.monotonic()
    signal.signal(signal.SIGTERM, end_once)
    pool = concurrent.futures.ThreadPoolExecutor(AT_ONCE)
    try:
        running = {pool.submit(run, case): case for case in tests}
        words = [tell(running[done], *done.result()) for done in concurrent.futures.as_completed(running)]
    finally:
        # Whoever is interrupted waits for the tests that run, so that they clean up.
        pool.shutdown(cancel_futures=True)
    print(f"{time.monotonic() - start:.1f} s")
    print(", ".join(f"{words.count(word)} {word}" for word in ("passed", "failed", "skipped")))
    return 0 if words and "failed" not in words else 1


if __name__ == "__main__":
    sys.exit(main())
