"""How many pictures of QR codes are read, and how long that takes, beside zbarimg: one pass of the same library.

PDF is left out: zbarimg does not read it everywhere.
"""

import json
import os
import pathlib
import shutil
import subprocess
import time

CORPUS = pathlib.Path(__file__).resolve().parent.parent / "Tests" / "Pictures" / "corpus.py"
ZBARIMG = ["zbarimg", "--quiet", "--nodbus", "--raw", "-Sdisable", "-Sqrcode.enable"]
TITLE = "QR codes read from pictures"


def codes(command):
    """What a program reads, as a sorted list, and how many ms it took; nothing where it failed."""
    start = time.perf_counter()
    answer = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8")
    return sorted(answer.stdout.split("\n")[:-1]), (time.perf_counter() - start) * 1000


def run(bench, secrets):
    if not shutil.which("zbarimg"):
        return print(f"\n{TITLE}: zbarimg is not installed")
    folder = bench.folder / "pictures"
    if subprocess.run([CORPUS, folder, "--secrets", str(secrets)], stderr=subprocess.DEVNULL).returncode != 0:
        return print(f"\n{TITLE}: {CORPUS.name} needs qrencode, imagemagick, librsvg2-bin and python3-segno")
    pictures = [picture for picture in json.loads((folder / "pictures.json").read_text(encoding="utf-8"))
                if not picture["file"].endswith(".pdf")]
    programs = {"keyprov convert": [bench.keyprov, "convert", "--to", "otpauth", "--quiet"], "zbarimg": ZBARIMG}
    read, spent = {}, {name: [] for name in programs}
    for picture in pictures:
        row = read.setdefault(picture["treatment"], {"pictures": 0, **{name: 0 for name in programs}})
        row["pictures"] += 1
        for name, command in programs.items():
            texts, milliseconds = codes([*command, folder / picture["file"]])
            row[name] += sorted(map(secret, texts)) == sorted(map(secret, picture["texts"]))
            spent[name].append(milliseconds)
    report(bench, read, spent, pictures)


def secret(uri):
    """The part of a URI that has one spelling."""
    return uri.partition("secret=")[2].partition("&")[0]


def report(bench, read, spent, pictures):
    print(f"\n{TITLE}, {len(pictures)} pictures")
    names = list(spent)
    print(f"  {'':34}{'pictures':>10}" + "".join(f"{name:>18}" for name in names))
    total = {key: sum(row[key] for row in read.values()) for key in ["pictures", *names]}
    for treatment, row in [*read.items(), ("all", total)]:
        print(f"  {treatment:34}{row['pictures']:10}" + "".join(f"{row[name]:18}" for name in names))
    cells = "".join(f"{sum(times) / len(times):18.1f}" for times in spent.values())
    print(f"  {'ms a picture, mean':34}{'':10}{cells}")
    bench.results[TITLE] = {"read": read, "ms": {name: sum(times) / len(times) for name, times in spent.items()}}


def time_of_one(bench, rounds):
    """Whole processes on one small code, where the start counts most."""
    picture = bench.folder / "pictures" / "0-plain.png"
    if not picture.exists():
        return
    reader = pathlib.Path(bench.keyprov).parent / "keyprov-pictures"
    reader = reader if os.access(reader, os.X_OK) else reader.parent.parent / "libexec" / "keyprov" / reader.name
    bench.compare("One QR code of 294 pixels", {
        "zbarimg": [*ZBARIMG, picture],
        "keyprov-pictures": ["/bin/sh", "-c", 'exec "$0" < "$1"', reader, picture],
        "keyprov convert": [bench.keyprov, "convert", "--to", "otpauth", picture],
    }, rounds, "zbarimg")
