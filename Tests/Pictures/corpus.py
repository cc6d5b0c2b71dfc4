#!/usr/bin/python3
"""Draws pictures of QR codes as people have them, with programs of others: qrencode, segno, ImageMagick, librsvg.

    corpus.py FOLDER [--secrets N]

Writes the pictures and `pictures.json`: for each its file, what was done to it, and what its codes hold. The same
arguments give the same codes.
"""

import argparse
import base64
import json
import pathlib
import random
import subprocess

import segno

# The size in which the web page of the IPI Enterprise Server shows its code: version 10, 57 modules, no quiet zone.
SERVER_SIDE, SERVER_VERSION = 150, 10
DISPLAY_SCALES = {"1": 150, "1.25": 188, "1.5": 225, "2": 300}


def run(*command, **options):
    subprocess.run([str(word) for word in command], check=True, **options)


def uri(number):
    secret = base64.b32encode(random.Random(number).randbytes(20)).decode()
    return f"otpauth://totp/HES.Web:user{number}@example.com?secret={secret}&issuer=HES.Web&digits=6"


class Corpus:
    def __init__(self, folder):
        self.folder = folder
        self.pictures = []

    def path(self, name):
        return self.folder / name

    def add(self, name, treatment, *texts):
        self.pictures.append({"file": name, "treatment": treatment, "texts": list(texts)})

    def convert(self, source, name, treatment, text, *operations):
        # Twice the same noise, and no date in the file.
        run("convert", source, "-seed", "1", *operations, "-strip", self.path(name))
        self.add(name, treatment, text)

    def plain(self, number, text):
        """The code as qrencode draws it: six pixels a module and a quiet zone."""
        source = self.path(f"{number}-plain.png")
        run("qrencode", "--output", source, "--size", "6", "--level", "M", text)
        self.add(source.name, "as qrencode draws it", text)
        name = f"{number}-segno.png"
        segno.make(text, micro=False).save(str(self.path(name)), scale=4)
        self.add(name, "as segno draws it", text)
        return source

    def distortions(self, number, text, source):
        def convert(name, treatment, *operations):
            self.convert(source, f"{number}-{name}", treatment, text, *operations)

        for degrees in (7, 30, 45, 90, 180):
            convert(f"turned-{degrees}.png", "turned", "-background", "white", "-rotate", degrees)
        for percent in (28, 33, 50, 66, 140):
            convert(f"scaled-{percent}.png", "scaled", "-resize", f"{percent}%")
        for radius in (1, 2, 2.6):
            convert(f"blurred-{radius}.png", "blurred", "-blur", f"0x{radius}")
        for quality in (30, 10):
            convert(f"quality-{quality}.jpg", "JPEG, low quality", "-quality", quality)
        for strength in (1, 3):
            convert(f"noise-{strength}.png", "noise", "-attenuate", strength, "+noise", "Gaussian")
        convert("faded.png", "faded", "+level", "55%,80%")
        convert("dark.png", "dark page", "-negate", "-bordercolor", "#202020", "-border", "40")
        convert("dark-small.png", "dark page", "-resize", "33%", "-negate", "-bordercolor", "#202020", "-border", "40")
        bare = self.path("bare.png")
        run("qrencode", "--output", bare, "--size", "6", "--level", "M", "--margin", "0", text)
        for percent in (31, 42, 100):
            self.convert(bare, f"{number}-bare-{percent}.png", "no quiet zone", text, "-resize", f"{percent}%")
            self.convert(bare, f"{number}-bare-dark-{percent}.png", "dark, no quiet zone", text, "-resize",
                         f"{percent}%", "-negate")
        bare.unlink()
        convert("perspective.jpg", "perspective", "-bordercolor", "white", "-border", "60", "-virtual-pixel", "white",
                "-distort", "Perspective", "0,0 30,12 420,0 390,40 0,420 0,400 420,420 418,380", "-blur", "0x0.7",
                "-quality", "70")
        convert("photo.jpg", "photo", "-background", "#b8b0a0", "-rotate", "11", "-gravity", "center", "-extent",
                "900x700", "-blur", "0x1", "-attenuate", "0.3", "+noise", "Gaussian", "+level", "15%,85%", "-quality",
                "60")
        convert("screen.png", "screenshot", "-gravity", "northeast", "-background", "#f4f4f6", "-extent", "1920x1080")
        for suffix in ("gif", "bmp", "webp"):
            convert(f"kind.{suffix}", "other kinds of file")
        drawing = self.path("page.svg")
        segno.make(text, micro=False).save(str(drawing), scale=2)
        run("rsvg-convert", "--format", "pdf", "--output", self.path(f"{number}-page.pdf"), drawing)
        drawing.unlink()
        self.add(f"{number}-page.pdf", "PDF", text)

    def server(self, number, text):
        """The code of the IPI Enterprise Server on light and dark pages, at the usual scales of a display."""
        code = segno.make(text, error="h", version=SERVER_VERSION, mode="byte", boost_error=False)
        drawing = self.path("server.svg")
        code.save(str(drawing), border=0, scale=1, light="white")
        for scale, side in DISPLAY_SCALES.items():
            crop = self.path(f"{number}-server-{scale}.png")
            run("rsvg-convert", "--width", SERVER_SIDE, "--height", SERVER_SIDE, "--output", crop, drawing)
            if side != SERVER_SIDE:
                run("convert", crop, "-filter", "Triangle", "-resize", f"{side}x{side}!", crop)
            self.add(crop.name, "server's code, no quiet zone", text)
            for page, color in {"light": "white", "dark": "#1e1e1e", "black": "black"}.items():
                self.convert(crop, f"{number}-server-{scale}-{page}.png", f"server's code on a {page} page", text,
                             "-bordercolor", color, "-border", "120x90")
        drawing.unlink()

    def several(self, texts):
        names = []
        for index, text in enumerate(texts):
            names.append(self.path(f"part-{index}.png"))
            run("qrencode", "--output", names[-1], "--size", "4", text)
        run("convert", *names, "-bordercolor", "white", "-border", "30", "+append", "-strip", self.path("several.png"))
        for name in names:
            name.unlink()
        self.add("several.png", "several codes", *texts)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--secrets", type=int, default=2, help="how many codes go through all treatments")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    corpus = Corpus(arguments.folder)
    for number in range(arguments.secrets):
        text = uri(number)
        corpus.distortions(number, text, corpus.plain(number, text))
        corpus.server(number, text)
    corpus.several([uri(number) for number in range(3)])
    (arguments.folder / "pictures.json").write_text(json.dumps(corpus.pictures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
