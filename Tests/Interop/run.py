#!/usr/bin/env python3
"""usage: run.py KEYPROV [PATTERN…]

Has the programs that import one-time passwords read what that binary writes, and asks them whether codes are right. The
last line is `N passed, N failed, N skipped`. A pattern is a part of the names of the tests that are to run.
"""

import concurrent.futures
import pathlib
import signal
import sys
import time
import unittest

sys.dont_write_bytecode = True

import directory
import pam
import passwords
import printing
import readers
import roster
import servers
import table
import tokens

# Servers are waited for, and a machine has two cores at least.
AT_ONCE = 3


class Result(unittest.TestResult):
    """Keeps how each test ended."""

    def __init__(self):
        super().__init__()
        self.words, self.word_for_class, self.started = {}, None, time.monotonic()

    def startTest(self, test):
        super().startTest(test)
        self.started = time.monotonic()

    def tell(self, word, test, reason=""):
        whole = getattr(test, "test_case", test)
        if isinstance(whole, unittest.TestCase):
            self.words[whole.id()] = word
        else:
            # A class that cannot be set up stands for all its tests.
            self.word_for_class = word
        line = f"{word}  {name(test)}, {time.monotonic() - self.started:.1f} s"
        print(line + (": " + reason if reason else ""), flush=True)

    def addSuccess(self, test):
        self.tell("passed", test)

    def addSkip(self, test, reason):
        self.tell("skipped", test, reason)

    def addFailure(self, test, error):
        self.tell("failed", test, self._exc_info_to_string(error, test))

    addError = addFailure

    def addSubTest(self, test, part, error):
        if error is not None:
            self.addFailure(part, error)


def name(test):
    """Of a test, of a part of it, or of the class that could not be set up."""
    if part := getattr(test, "_subDescription", None):
        return f"{name(test.test_case)} {part()}"
    if method := getattr(test, "_testMethodName", None):
        return f"{type(test).__name__}: {method.removeprefix('test_').replace('_', ' ')}"
    return str(test)


def run(suite):
    """How each of the tests ended; one of which nothing was heard has failed."""
    result, count = Result(), suite.countTestCases()
    suite.run(result)
    return [*result.words.values()] + [result.word_for_class or "failed"] * (count - len(result.words))


def end_once(number, frame):
    signal.signal(number, signal.SIG_IGN)
    sys.exit(128 + number)


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    tokens.KEYPROV = str(pathlib.Path(sys.argv[1]).resolve())
    loader = unittest.TestLoader()
    loader.testNamePatterns = [f"*{pattern}*" for pattern in sys.argv[2:]] or None
    # Slow ones first. A class shares its server, so its tests run one after another.
    suites = [
        suite for module in (servers, directory, roster, passwords, pam, printing, readers, table)
        for suite in loader.loadTestsFromModule(module) if suite.countTestCases()]
    start = time.monotonic()
    signal.signal(signal.SIGTERM, end_once)
    pool = concurrent.futures.ThreadPoolExecutor(AT_ONCE)
    try:
        running = [pool.submit(run, unittest.TestSuite([suite])) for suite in suites]
        words = [word for done in concurrent.futures.as_completed(running) for word in done.result()]
    finally:
        # Whoever is interrupted waits for the tests that run, so that they clean up.
        pool.shutdown(cancel_futures=True)
    print(f"{time.monotonic() - start:.1f} s")
    print(", ".join(f"{words.count(word)} {word}" for word in ("passed", "failed", "skipped")))
    # Where all was skipped, nothing is proven.
    return 0 if "passed" in words and "failed" not in words else 1


if __name__ == "__main__":
    sys.exit(main())
