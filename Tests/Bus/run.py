#!/usr/bin/env python3
"""usage: run.py KEYPROV [PATTERN…]

Runs the tests of the bus with that binary; the last line is `N passed, N failed, N skipped`. A pattern is a part of the
names of the tests that are to run.
"""

import sys
import time
import unittest

sys.dont_write_bytecode = True

import bus
import clients
import scenarios


class Result(unittest.TextTestResult):
    """Also counts the tests that passed."""

    passed = 0

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1

    def startTest(self, test):
        super().startTest(test)
        self.start = time.monotonic()

    def stopTest(self, test):
        super().stopTest(test)
        self.stream.writeln(f"    {time.monotonic() - self.start:.2f} s")

    def closing_line(self):
        failed = len(self.failures) + len(self.errors) + len(self.unexpectedSuccesses)
        return f"{self.passed} passed, {failed} failed, {len(self.skipped)} skipped"


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    scenarios.KEYPROV = clients.KEYPROV = sys.argv[1]
    loader = unittest.TestLoader()
    loader.testNamePatterns = [f"*{pattern}*" for pattern in sys.argv[2:]] or None
    suite = unittest.TestSuite(loader.loadTestsFromModule(module) for module in (scenarios, clients))
    try:
        bus.build_bridge()
    except bus.Missing as missing:
        print(f"not run: {missing}\n0 passed, 0 failed, {suite.countTestCases()} skipped")
        return 0
    start = time.monotonic()
    result = unittest.TextTestRunner(stream=sys.stdout, resultclass=Result, verbosity=2).run(suite)
    print(f"{time.monotonic() - start:.1f} s")
    for test, reason in result.skipped:
        print(f"skipped: {test.id()}: {reason}")
    print(result.closing_line())
    return 0 if result.wasSuccessful() and result.testsRun else 1


if __name__ == "__main__":
    sys.exit(main())
