"""usage: guest.py pskc|write-pskc|pyotp|ykman|django|yubico …

Runs with the Python of the environment that has the libraries, reads a file with them, and prints what they found as JSON.
"""

import json
import sys


def pskc(path, kind=None, secret=None):
    """Keys of a PSKC file, decrypted, with their MACs checked."""
    from pskc import PSKC

    container = PSKC(path)
    if kind == "password":
        container.encryption.derive_key(open(secret, encoding="utf-8").readline().rstrip("\n"))
    elif kind == "key":
        container.encryption.key = bytes.fromhex(open(secret, encoding="ascii").readline().strip())
    keys = []
    for key in container.keys:
        if key.check() is False:
            raise ValueError("a MAC is wrong")
        keys.append({
            "serial": key.serial, "algorithm": key.algorithm, "secret": key.secret.hex(), "counter": key.counter,
            "suite": key.algorithm_suite, "period": key.time_interval, "digits": key.response_length,
            "owner": key.userid, "manufacturer": key.manufacturer})
    return keys


def write_pskc(path, kind, secret, keys):
    """A PSKC file with the keys of a JSON file."""
    from pskc import PSKC

    container = PSKC()
    for key in json.load(open(keys, encoding="utf-8")):
        container.add_key(**{**key, "secret": bytes.fromhex(key["secret"])})
    if kind == "password":
        container.encryption.setup_pbkdf2(open(secret, encoding="utf-8").readline().rstrip("\n"), iterations=1000)
    elif kind == "key":
        container.encryption.setup_preshared_key(
            key=bytes.fromhex(open(secret, encoding="ascii").readline().strip()), key_name="Pre-shared-key")
    container.write(path)
    return None


def pyotp(path, moment):
    """Codes of a list of URIs: at a time, or at the counter."""
    import pyotp

    codes = []
    for line in open(path, encoding="utf-8"):
        otp = pyotp.parse_uri(line.strip())
        codes.append(otp.at(int(moment)) if isinstance(otp, pyotp.TOTP) else otp.at(0))
    return codes


def ykman(path):
    """What would be written to a key for each of a list of URIs."""
    from yubikit.oath import CredentialData

    found = []
    for line in open(path, encoding="utf-8"):
        data = CredentialData.parse_uri(line.strip())
        found.append({
            "name": data.name, "issuer": data.issuer, "type": data.oath_type.name.lower(), "secret": data.secret.hex(),
            "algorithm": data.hash_algorithm.name, "digits": data.digits, "period": data.period,
            "counter": data.counter})
    return found


def django(path, *codes):
    """Whether devices that are made of a CSV (serial, key, type, digits, counter or period) take these codes, once."""
    from django.conf import settings

    apps = ["django.contrib.auth", "django.contrib.contenttypes", "django_otp", "django_otp.plugins.otp_totp",
            "django_otp.plugins.otp_hotp"]
    settings.configure(
        INSTALLED_APPS=apps, DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        USE_TZ=True, DEFAULT_AUTO_FIELD="django.db.models.AutoField", OTP_TOTP_THROTTLE_FACTOR=0,
        OTP_HOTP_THROTTLE_FACTOR=0)
    import django
    django.setup()
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from django_otp.plugins.otp_hotp.models import HOTPDevice
    from django_otp.plugins.otp_totp.models import TOTPDevice

    call_command("migrate", verbosity=0)
    user = get_user_model().objects.create(username="user")
    answers = []
    for line, code in zip(open(path, encoding="utf-8"), codes):
        serial, key, kind, digits, moving = line.strip().split(",")
        common = {"user": user, "name": serial, "key": key, "digits": int(digits)}
        device = (
            TOTPDevice.objects.create(step=int(moving), **common) if kind == "totp"
            else HOTPDevice.objects.create(counter=int(moving), tolerance=0, **common))
        answers.append([device.verify_token(code), device.verify_token(code)])
    return answers


def yubico(public, private, key, use):
    """What a key types in a certain use of it (Yubico, "OTPs Explained")."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    token = bytes.fromhex(private) + int(use).to_bytes(2, "little") + bytes(3) + bytes(1) + bytes(2)
    checksum = 0xFFFF
    for byte in token:
        checksum ^= byte
        for _ in range(8):
            checksum = checksum >> 1 ^ (0x8408 if checksum & 1 else 0)
    token += (checksum ^ 0xFFFF).to_bytes(2, "little")
    encryptor = Cipher(algorithms.AES(bytes.fromhex(key)), modes.ECB()).encryptor()
    digits = (encryptor.update(token) + encryptor.finalize()).hex()
    return public + digits.translate(str.maketrans("0123456789abcdef", "cbdefghijklnrtuv"))


COMMANDS = {"pskc": pskc, "write-pskc": write_pskc, "pyotp": pyotp, "ykman": ykman, "django": django,
            "yubico": yubico}

if __name__ == "__main__":
    json.dump(COMMANDS[sys.argv[1]](*sys.argv[2:]), sys.stdout)
