"""A sheet for each URI of a file as one HTML document, with segno's codes as SVG paths, and its PDF by WeasyPrint.

usage: sheets_html.py URIS COUNT FILE.html [FILE.pdf]

Without the last argument the HTML is all: a browser prints it.
"""

import html
import sys
import urllib.parse

import segno

STYLE = """@page { size: A4; margin: 0 }
body { margin: 0; font-family: "Noto Sans", sans-serif; font-size: 10pt }
section { position: relative; width: 210mm; height: 296mm; break-after: page }
section > * { position: absolute; left: 20mm }
h1 { top: 20mm; margin: 0; font-size: 24pt }
.number { top: 12mm; left: 160mm }
table { top: 50mm }
td { padding: 0 4mm 1mm 0 }
ol { top: 100mm; margin: 0; padding-left: 5mm }
svg { top: 165mm; width: 45mm; height: 45mm }
.secret { top: 180mm; left: 76mm; width: 80mm; font: bold 18pt "Noto Sans Mono", monospace }"""

LINES = [
    "Whoever reads the secret can make the codes of the key.",
    "Keep it folded and sealed until the account is set up, then destroy it.",
    "If it is lost, or was open when it reached you, say so at once.",
]


def code(text):
    matrix = segno.make(text, error="q", boost_error=False, micro=False).matrix
    path = []
    for row, modules in enumerate(matrix):
        column = 0
        while column < len(modules):
            start = column
            while column < len(modules) and modules[column]:
                column += 1
            if column > start:
                path.append(f"M{start} {row}h{column - start}v1h-{column - start}z")
            column += 1
    side = len(matrix)
    return f'<svg viewBox="0 0 {side} {side}"><path d="{"".join(path)}"/></svg>'


def section(number, count, uri):
    parts = urllib.parse.urlsplit(uri)
    account = urllib.parse.unquote(parts.path).split(":")[-1]
    secret = urllib.parse.parse_qs(parts.query)["secret"][0]
    groups = " ".join(secret[start:start + 4] for start in range(0, len(secret), 4))
    rows = [("Account", account), ("Key", "YubiKey 5 NFC"), ("Digits", "6"), ("Period", "30"), ("Secret", groups)]
    table = "".join(f"<tr><td>{label}</td><td><b>{html.escape(value)}</b></td></tr>" for label, value in rows)
    lines = "".join(f"<li>{line}</li>" for line in LINES)
    return (f'<section><div class="number">Sheet {number} of {count}</div><h1>Enrollment sheet</h1>'
            f'<table>{table}</table><ol>{lines}</ol>{code(uri)}<div class="secret">{groups}</div></section>')


def main(source, count, page, pdf=None):
    with open(source, encoding="utf-8") as file:
        uris = file.read().splitlines()[:int(count)]
    sections = "\n".join(section(number, len(uris), uri) for number, uri in enumerate(uris, 1))
    document = f"<!doctype html><meta charset=utf-8><title>Sheets</title><style>{STYLE}</style>{sections}"
    with open(page, "w", encoding="utf-8") as file:
        file.write(document)
    if pdf:
        import weasyprint
        weasyprint.HTML(string=document).write_pdf(pdf)


main(*sys.argv[1:])
