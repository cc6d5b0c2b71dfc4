"""What the assembly line costs: CPU for each key beside a single enrollment, and keys at once that take 600 ms each.

The keys of the second part are served over USB/IP and reach keyprov through libusb, as in Tests/Bus; their touch comes after
600 ms, which is what a slow write is to the line. The bridge between them is one thread that does one transfer after the other,
which real buses do not: `KEYPROV_FIGURES=1 swift test --filter LineFigures` measures the same without it, up to 16 keys. Both
parts run on virtual keys, whose own work is part of the figures.
"""

import pathlib
import resource
import shutil
import subprocess
import sys
import time

TESTS = pathlib.Path(__file__).resolve().parent.parent / "Tests" / "Bus"
TOUCH = 0.6
AT_ONCE = (1, 4, 8)
TITLE = "assembly line"


def run(bench, count, rounds):
    overhead(bench, count)
    at_once(bench, rounds)


def roster(path, count):
    path.write_text("account,name\n" + "".join(f"user{n}@example.com,User {n}\n" for n in range(count)))
    return path


def cpu(command):
    """CPU and wall time in ms."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after, end = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return spent * 1000, (end - start) * 1000


def overhead(bench, count):
    """Long rosters beside short ones, so that the start of the program is no part of it."""
    print(f"\n{TITLE}: ms for each key (virtual keys without delay, one at a time)")
    rows = {}
    for entries in (count // 10, count, count * 4):
        state = bench.folder / f"line-{entries}"
        people = roster(bench.folder / f"line-{entries}.csv", entries)
        spent, wall = cpu([bench.keyprov, "batch", "run", people, "--issuer", "Example", "--virtual", "yubikey5",
                           "--quiet", "--state", state])
        shutil.rmtree(state)
        rows[entries] = {"cpu": spent / entries, "wall": wall / entries}
        print(f"  {entries:6} entries  {spent / entries:6.2f} ms CPU  {wall / entries:6.2f} ms wall")
    bench.results[TITLE] = rows


def at_once(bench, rounds):
    sys.path.insert(0, str(TESTS))
    import bus
    try:
        bus.build_bridge()
    except bus.Missing as missing:
        return print(f"\n{TITLE}: keys at once: {missing}")
    print(f"\n{TITLE}: as many keys at once, each touched after {TOUCH * 1000:.0f} ms (median of {rounds})")
    one = None
    for keys in AT_ONCE:
        seconds = sorted(batch(bench, bus, keys, number) for number in range(rounds))[rounds // 2]
        one = one or seconds
        print(f"  {keys:2} keys  {seconds:6.3f} s  {seconds / one:5.2f} x one")
        bench.results[f"{TITLE}, {keys} at once"] = seconds


def batch(bench, bus, keys, number):
    """Seconds from the start of the program to its end."""
    people = roster(bench.folder / f"line-at-once-{keys}.csv", keys)
    names = [f"yubikey5:key{n}" for n in range(keys)]
    desk = bus.Bus(bench.keyprov, *names, options=("--touch", str(TOUCH)))
    try:
        outcome = desk.key("batch", "run", people, "--issuer", "Example", "--touch", "--jobs", keys, "--quiet",
                           "--batch", f"at-once-{number}")
        if outcome.status != 0:
            sys.exit(f"{outcome}")
        return outcome.seconds
    finally:
        desk.close()
