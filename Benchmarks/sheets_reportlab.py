"""A sheet for each URI of a file, with reportlab and segno: as a Python programmer would write it.

usage: sheets_reportlab.py URIS FILE.pdf
"""

import sys
import urllib.parse

import segno
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen import canvas

LINES = [
    "Whoever reads the secret can make the codes of the key.",
    "Keep it folded and sealed until the account is set up, then destroy it.",
    "If it is lost, or was open when it reached you, say so at once.",
]


def draw_code(page, text, x, y, side):
    matrix = segno.make(text, error="q", boost_error=False, micro=False).matrix
    module = side / len(matrix)
    path = page.beginPath()
    for row, modules in enumerate(matrix):
        column = 0
        while column < len(modules):
            start = column
            while column < len(modules) and modules[column]:
                column += 1
            if column > start:
                path.rect(x + start * module, y + side - (row + 1) * module, (column - start) * module, module)
            column += 1
    page.drawPath(path, stroke=0, fill=1)


def main(source, target):
    page = canvas.Canvas(target, pagesize=A4, pageCompression=1)
    with open(source, encoding="utf-8") as file:
        uris = file.read().splitlines()
    for number, uri in enumerate(uris, 1):
        parts = urllib.parse.urlsplit(uri)
        account = urllib.parse.unquote(parts.path).split(":")[-1]
        secret = urllib.parse.parse_qs(parts.query)["secret"][0]
        groups = " ".join(secret[start:start + 4] for start in range(0, len(secret), 4))
        page.setFont("Helvetica-Bold", 24)
        page.drawString(20 * mm, 262 * mm, "Enrollment sheet")
        page.setFont("Helvetica", 10)
        page.drawString(160 * mm, 280 * mm, f"Sheet {number} of {len(uris)}")
        rows = [("Account", account), ("Key", "YubiKey 5 NFC"), ("Digits", "6"), ("Period", "30"), ("Secret", groups)]
        for index, (label, value) in enumerate(rows):
            page.drawString(20 * mm, (240 - 6 * index) * mm, label)
            page.drawString(50 * mm, (240 - 6 * index) * mm, value)
        for index, line in enumerate(LINES):
            page.drawString(20 * mm, (180 - 6 * index) * mm, line)
        draw_code(page, uri, 20 * mm, 85 * mm, 45 * mm)
        page.setFont("Courier-Bold", 18)
        page.drawString(76 * mm, 110 * mm, groups[:19])
        page.drawString(76 * mm, 102 * mm, groups[20:])
        page.showPage()
    page.save()


main(*sys.argv[1:])
