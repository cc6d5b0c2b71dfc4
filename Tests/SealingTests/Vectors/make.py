#!/usr/bin/env python3
"""Writes age.jsonl: small age files, good and broken, one a line.

The cases, the file key, the identity and the randomness are those of the format's own test suite (c2sp.org/CCTV/age, whose
vectors may be used without conditions), made with python3-cryptography and not a line of ours. MACs that are known from the
published files are compared, so what stands here under those names is byte for byte the same.

expect: success, or the part that has to be found wrong: "armor", "header", "mac", "payload", "no match".
"""

import base64
import hashlib
import hmac
import json
import pathlib

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

FILE_KEY = b"YELLOW SUBMARINE"
IDENTITY = "AGE-SECRET-KEY-1EGTZVFFV20835NWYV6270LXYVK2VKNX2MMDKWYKLMGR48UAWX40Q2P2LM0"
OTHER_IDENTITY = "AGE-SECRET-KEY-1XMWWC06LY3EE5RYTXM9MFLAZ2U56JJJ36S0MYPDRWSVLUL66MV4QX3S7F6"
BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
BEGIN, END = "-----BEGIN AGE ENCRYPTED FILE-----", "-----END AGE ENCRYPTED FILE-----"

# From the published files.
PUBLISHED = {
    "x25519": "WyJp9F/9FOZh7gJdheq2WIJcwHgYc8NIVh3ddwhrcNg",
    "x25519_grease": "QIfAOEMt1fGOf2FP2m3+TwFQtfy2H3sX3YqUAQRApkM",
    "x25519_extra_argument": "l7E0/PQP54HBZYKUu505n1muW7EniDFqMrXgMhFmeiA",
    "stanza_valid_characters": "qcNy6mAn80JKuXPUW7ANJdOhzbOtVSsIGM12i5B4vx4",
}
PUBLISHED_ARMOR = (
    "YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBURWlGMHlwcXIrYnB2Y3FY\n"
    "TnlDVkpwTDdPdXdQZFZ3UEw3S1FFYkZET0NjCmhqYWJHWHdTTFE5YzNTNkx3Mmkr\n"
    "UzJUdTJmaXdRSEhzbGJCTjZCNDFGTEUKLS0tIFd5SnA5Ri85Rk9aaDdnSmRoZXEy\n"
    "V0lKY3dIZ1ljOE5JVmgzZGR3aHJjTmcK7s9ix86RtDMnTmjU8vkTTLdMW/73vqpS\n"
    "yPC8DpksHoMx+2Y=\n")
PUBLISHED_ARMORED_SCRYPT = (
    "YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IHNjcnlwdCByRjAvTndibFVISFRwZ1Fn\n"
    "UnBlNUNRIDEwCmdVakV5bUZLTVZYUUVLZE1NSEwyNG9ZZXhqRTNUSUMwTzB6R1Nx\n"
    "SjJhVVkKLS0tIElPWGlRWVN0a29UMW12WlcydEZPcVpkaFJWdmo1OGVnQUJ4L3NX\n"
    "ZlpRYmMKGzXG5ofdANo6w3msn3QsIf0YWhuePe1znRSsappQEk24Ztg=\n")


def b64(data):
    return base64.b64encode(data).decode().rstrip("=")


def not_canonical(text):
    return text[:-1] + ALPHABET[ALPHABET.index(text[-1]) + 1]


def private_key(identity):
    data = [BECH32.index(character) for character in identity.lower().rsplit("1", 1)[1][:-6]]
    bits = "".join(f"{value:05b}" for value in data)
    return X25519PrivateKey.from_private_bytes(int(bits[:256], 2).to_bytes(32, "big"))


def raw(public):
    return public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def hkdf(key, salt, info):
    return HKDF(hashes.SHA256(), 32, salt, info).derive(key)


def seal(key, data, nonce=bytes(12)):
    return ChaCha20Poly1305(key).encrypt(nonce, data, None)


class File:
    def __init__(self):
        cipher = Cipher(algorithms.ChaCha20(b"TEST RANDOMNESS TEST RANDOMNESS!", bytes(16)), None).encryptor()
        self.random = lambda count: cipher.update(bytes(count))
        self.data = b""
        self.file_key = FILE_KEY

    def line(self, text):
        self.data += text.encode("latin-1") + b"\n"
        return self

    def version(self):
        return self.line("age-encryption.org/v1")

    def body(self, data):
        while True:
            self.line(b64(data[:48]))
            data, full = data[48:], len(data) >= 48
            if not full:
                return self

    def stanza(self, *arguments, body=b""):
        return self.line(" ".join(("->",) + arguments)).body(body)

    def wrapped(self, key):
        return seal(key, self.file_key)

    def x25519(self, identity=IDENTITY, name="X25519", more=(), share=None, spell=b64, body=lambda body: body):
        private = private_key(identity)
        share = share or raw(X25519PrivateKey.from_private_bytes(self.random(32)).public_key())
        try:
            shared = private.exchange(X25519PublicKey.from_public_bytes(share[:32].ljust(32, b"\0")))
        except ValueError:  # refused there too: of small order
            shared = bytes(32)
        key = hkdf(shared, share + raw(private.public_key()), b"age-encryption.org/v1/X25519")
        return self.stanza(name, spell(share), *more, body=body(self.wrapped(key)))

    def scrypt(self, work="10", passphrase=b"password", name="scrypt", salt=None, more=(), spell=b64, real=None,
               body=lambda body: body):
        salt = self.random(16) if salt is None else salt
        n = 1 << (real or 10)
        key = hashlib.scrypt(passphrase, salt=b"age-encryption.org/v1/scrypt" + salt, n=n, r=8, p=1, dklen=32)
        return self.stanza(name, spell(salt), work, *more, body=body(self.wrapped(key)))

    def mac(self, spell=lambda mac: "--- " + b64(mac)):
        key = hkdf(self.file_key, None, b"header")
        return self.line(spell(hmac.digest(key, self.data + b"---", "sha256")))

    def payload(self, text=b"age", keep=slice(None)):
        nonce = self.random(16)
        key = hkdf(self.file_key, nonce, b"payload")
        self.data += (nonce + seal(key, text, bytes(11) + b"\1"))[keep]
        return self.data


def armor(data, begin=BEGIN, end=END, eol="\n", width=64):
    text = base64.b64encode(data).decode()
    lines = [begin] + [text[start:start + width] for start in range(0, len(text), width)] + [end]
    return "".join(line + eol for line in lines)


def plain(text=b"age"):
    return File().version().x25519().mac().payload(text)


def cases():
    """(name, expectation, file, plaintext, what opens it)"""
    bad, good = "header", "success"

    def header(name, expect, file, **more):
        yield name, expect, file.payload() if isinstance(file, File) else file, more

    new = lambda: File().version()
    yield from header("x25519", good, new().x25519().mac())
    yield from header("x25519_grease", good, new().stanza("grease").x25519().stanza("grease").mac())
    yield from header("x25519_bad_tag", "no match", new().x25519(body=lambda b: b[:-1] + bytes([b[-1] ^ 255])).mac())
    yield from header("x25519_extra_argument", bad, new().x25519(more=("1234",)).mac())
    yield from header("x25519_no_match", "no match", new().x25519(OTHER_IDENTITY).mac())
    yield from header("x25519_lowercase", "no match", new().x25519(name="x25519").mac())
    yield from header("x25519_multiple_recipients", good, new().x25519(OTHER_IDENTITY).x25519().mac())
    yield from header("x25519_low_order", bad, new().x25519(share=bytes(32)).mac())
    yield from header("x25519_identity_low_order", bad, new().x25519(share=b"\1" + bytes(31)).mac())
    yield from header("x25519_long_share", bad, new().x25519(share=b"\x09" + bytes(32)).mac())
    yield from header("x25519_short_share", bad, new().x25519(share=b"\x09" + bytes(30)).mac())
    yield from header("x25519_not_canonical_share", bad, new().x25519(spell=lambda s: not_canonical(b64(s))).mac())
    yield from header("x25519_padded_share", bad, new().x25519(spell=lambda s: b64(s) + "=").mac())
    long_key = new()
    long_key.file_key = FILE_KEY * 2
    yield from header("x25519_long_file_key", bad, long_key.x25519().mac())
    yield from header("scrypt", good, new().scrypt().mac())
    yield from header("scrypt_bad_tag", "no match", new().scrypt(body=lambda b: b[:-1] + bytes([b[-1] ^ 255])).mac())
    yield from header("scrypt_no_match", "no match", new().scrypt(passphrase=b"other").mac())
    yield from header("scrypt_uppercase", "no match", new().scrypt(name="Scrypt").mac())
    yield from header("scrypt_and_x25519", bad, new().x25519().scrypt().mac())
    yield from header("scrypt_double", bad, new().scrypt().scrypt().mac())
    yield from header("scrypt_extra_argument", bad, new().scrypt(more=("10",)).mac())
    yield from header("scrypt_salt_long", bad, new().scrypt(salt=bytes(24)).mac())
    yield from header("scrypt_salt_short", bad, new().scrypt(salt=bytes(15)).mac())
    yield from header("scrypt_not_canonical_salt", bad, new().scrypt(spell=lambda s: not_canonical(b64(s))).mac())
    for name, work in [
            ("23", "23"), ("hex", "0xa"), ("leading_plus", "+10"), ("leading_zero", "010"), ("negative", "-10"),
            ("overflow", "18446744073709551626"), ("trailing_garbage", "10aaaa"), ("zero", "0"), ("empty_digits", "a")]:
        yield from header("scrypt_work_factor_" + name, bad, new().scrypt(work).mac())
    yield from header("scrypt_work_factor_wrong", "no match", new().scrypt("10", real=11).mac())
    missing = new().line("-> scrypt " + b64(bytes(16))).body(bytes(32)).mac()
    yield from header("scrypt_work_factor_missing", bad, missing)
    yield from header("stanza_bad_start", bad, new().x25519().line("- stanza").body(b"").mac())
    yield from header("stanza_no_arguments", bad, new().x25519().line("->").body(b"").mac())
    yield from header("stanza_empty_argument", bad, new().x25519().line("-> stanza  argument").body(b"").mac())
    yield from header("stanza_trailing_space", bad, new().x25519().line("-> stanza ").body(b"").mac())
    yield from header("stanza_invalid_character", bad, new().x25519().line("-> stanza \x7f").body(b"").mac())
    yield from header("stanza_spurious_cr", bad, new().x25519().line("-> stanza\r").body(b"").mac())
    yield from header("stanza_base64_padding", bad, new().x25519().line("-> stanza").line("QQ==").mac())
    yield from header("stanza_not_canonical", bad, new().x25519().line("-> stanza").line("QR").mac())
    yield from header("stanza_empty_body", good, new().x25519().stanza("empty").mac())
    yield from header("stanza_empty_last_line", good, new().x25519().stanza("stanza", body=b"A" * 48).mac())
    yield from header("stanza_missing_body", bad, new().x25519().line("-> stanza").mac())
    yield from header("stanza_missing_final_line", bad, new().x25519().line("-> stanza").line(b64(b"A" * 48)).mac())
    yield from header("stanza_long_line", bad, new().x25519().line("-> stanza").line(b64(b"A" * 51)).line("").mac())
    yield from header(
        "stanza_multiple_short_lines", bad, new().x25519().line("-> stanza").line("AAAA").line("AAAA").mac())
    visible = "".join(map(chr, range(33, 127)))
    first, second = (
        [part for part in ("!\"#$%&'", "()*+,-./", "01234567", "89:;<=>?", "@ABCDEFG", "HIJKLMNO")],
        ["PQRSTUVW", "XYZ[\\]^_", "`abcdefg", "hijklmno", "pqrstuvw", "xyz{|}~"])
    assert "".join(first + second) == visible
    yield from header("stanza_valid_characters", good, new().stanza(*first).stanza(*second).x25519().mac())
    yield from header("no_stanzas", bad, new().mac())
    yield from header("empty", bad, b"")
    yield from header("version_unsupported", bad, File().line("age-encryption.org/v1234").x25519().mac())
    yield from header("version_crlf", bad, File().line("age-encryption.org/v1\r").x25519().mac())
    yield from header("hmac_bad", "mac", new().x25519().mac(lambda mac: "--- " + b64(bytes([mac[0] ^ 1]) + mac[1:])))
    yield from header("hmac_extra_space", bad, new().x25519().mac(lambda mac: "---  " + b64(mac)))
    yield from header("hmac_trailing_space", bad, new().x25519().mac(lambda mac: "--- " + b64(mac) + " "))
    yield from header("hmac_no_space", bad, new().x25519().mac(lambda mac: "---" + b64(mac)))
    yield from header("hmac_missing", bad, new().x25519().mac(lambda mac: "---"))
    yield from header("hmac_garbage", bad, new().x25519().mac(lambda mac: "--- " + b64(mac) + "AAAA"))
    yield from header("hmac_truncated", bad, new().x25519().mac(lambda mac: "--- " + b64(mac[:31])))
    yield from header("hmac_not_canonical", bad, new().x25519().mac(lambda mac: "--- " + not_canonical(b64(mac))))
    for name, keep in [("no_nonce", slice(0)), ("short_nonce", slice(15)), ("no_chunks", slice(16)),
                       ("short_chunk", slice(-1)), ("missing_tag", slice(-16))]:
        yield "stream_" + name, "payload", new().x25519().mac().payload(keep=keep), {}
    yield "stream_trailing_garbage_short", "payload", plain() + b"AAAA", {}
    yield "stream_empty_payload", good, plain(b""), {"text": b""}

    text = armor(plain())
    lines = text.split("\n")
    assert text == f"{BEGIN}\n{PUBLISHED_ARMOR}{END}\n"
    scrypted = armor(new().scrypt().mac().payload())
    assert scrypted == f"{BEGIN}\n{PUBLISHED_ARMORED_SCRYPT}{END}\n"

    def put(index, line):
        return "\n".join(lines[:index] + [line] + lines[index + 1:])

    full = b"age" + bytes(-(len(plain())) % 48)
    for name, expect, changed in [
            ("", good, text),
            ("_scrypt", good, scrypted),
            ("_crlf", good, armor(plain(), eol="\r\n")),
            ("_no_eol", good, text[:-1]),
            ("_whitespace_outside", good, " \t\r\n\n" + text + "\n \r\n"),
            ("_empty", bad, f"{BEGIN}\n{END}\n"),
            ("_empty_line_begin", "armor", put(1, "\n" + lines[1])),
            ("_empty_line_end", "armor", put(-3, lines[-3] + "\n")),
            ("_empty_last_line", "armor", armor(plain(full)).replace(END, "\n" + END)),
            ("_eol_between_padding", "armor", armor(plain(b"agent")).replace("==", "=\n=")),
            ("_garbage_encoded", "armor", put(-2, END + "AAAA")),
            ("_garbage_leading", bad, "garbage\n" + text),
            ("_garbage_trailing", "armor", text + "garbage\n"),
            ("_headers", "armor", put(0, BEGIN + "\nHeader: value\n")),
            ("_invalid_character", "armor", put(2, "*" + lines[2][1:])),
            ("_wrong_type", "armor", text.replace("AGE ENCRYPTED FILE", "AGE ENCRYPTED")),
            ("_lowercase", "armor", put(0, BEGIN.lower().replace("begin", "BEGIN"))),
            ("_long_line", "armor", armor(plain(), width=68)),
            ("_short_line", "armor", armor(plain(), width=60)),
            ("_no_end_line", "armor", "\n".join(lines[:-2])),
            ("_no_padding", "armor", text.replace("=", "")),
            ("_not_canonical", "armor", text.replace("2Y=", "2Z=")),
            ("_pgp_checksum", "armor", put(-2, "=AAAA\n" + END)),
            ("_whitespace_begin", "armor", put(0, BEGIN + " ")),
            ("_whitespace_end", "armor", put(-2, " " + END)),
            ("_whitespace_eol", "armor", put(2, lines[2] + " ")),
            ("_whitespace_line_start", "armor", put(2, " " + lines[2])),
            ("_whitespace_last_line", "armor", put(-3, lines[-3] + " ")),
    ]:
        yield "armor" + name, expect, changed.encode(), {}
    yield "armor_full_last_line", good, armor(plain(full)).encode(), {"text": full}


def main():
    with open(pathlib.Path(__file__).with_name("age.jsonl"), "w", encoding="ascii") as output:
        for name, expect, data, more in cases():
            if name in PUBLISHED:
                assert f"--- {PUBLISHED[name]}\n".encode() in data, name
            json.dump({
                "name": name, "expect": expect, "file": base64.b64encode(data).decode(),
                "text": base64.b64encode(more.get("text", b"age")).decode(),
                **({"passphrase": "password"} if "scrypt" in name else {"identity": IDENTITY}),
            }, output)
            output.write("\n")


if __name__ == "__main__":
    main()
