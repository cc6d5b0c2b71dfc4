"""Boots a kernel for the tests of `make test-vm`."""


class NotRun(Exception):
    """Why the machine cannot be had here. Not a failure of what is tested, and no success either."""
