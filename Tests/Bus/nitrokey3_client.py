"""usage: nitrokey3_client.py hid|pcsc ACTION…

Asks a Nitrokey 3 by Nitrokey's SDK; runs with the Python that has it. Prints one line of JSON for each action:

    status                                 serial number, version, PIN tries
    pin PIN                                sets the PIN of a key that has none
    change OLD NEW                         changes it
    verify PIN                             opens what follows
    add KIND NAME SECRET DIGITS COUNTER    a credential: totp, totp256, hotp, reverse; secret in hexadecimal
    list                                   names
    kinds                                  names with the kinds
    accepts NAME CODE                      whether the key takes the code of a computer
    code NAME TIME                         a code for this time (TOTP) or the next one (HOTP)
    delete NAME

The SDK looks for keys in /dev/hidraw. Its own connection and fido2's framing run here above hidapi's libusb instead. It
asks for the state of the firmware when it opens a key, which is another application than the one that is tested.
"""

import json
import sys

import hid
from fido2.hid import CtapHidDevice
from fido2.hid.base import CtapHidConnection as Packets
from fido2.hid.base import HidDescriptor
from nitrokey.nk3 import NK3
from nitrokey.nk3.secrets_app import Algorithm, Kind, SecretsApp, SecretsAppException
from nitrokey.trussed._connection.ctaphid import CtapHidConnection

VENDOR, PRODUCT = 0x20A0, 0x42B2
FIDO_USAGE = 0xF1D0
PACKET = 64
PERIOD = 30
PATIENCE = 30000  # Milliseconds.
KINDS = {
    "totp": (Kind.Totp, Algorithm.Sha1), "totp256": (Kind.Totp, Algorithm.Sha256), "hotp": (Kind.Hotp, Algorithm.Sha1),
    "reverse": (Kind.HotpReverse, Algorithm.Sha1)}
REFUSED = "6300"


class LibUSBPackets(Packets):
    """Packets of fido2 by hidapi."""

    def __init__(self, device):
        self.device = device

    def read_packet(self):
        packet = bytes(self.device.read(PACKET, PATIENCE))
        if not packet:
            raise OSError("no packet came")
        return packet

    def write_packet(self, data):
        if self.device.write(b"\0" + data) < 0:
            raise OSError("the packet was not taken")

    def close(self):
        self.device.close()


class FirmwareNotAsked(NK3):
    """The SDK's key without the question for the firmware's state."""

    def __init__(self, connection):
        self.connection = connection
        self._transport, self._path = connection.transport(), connection.path()


def by_hid():
    [found] = hid.enumerate(VENDOR, PRODUCT)
    device = hid.device()
    device.open_path(found["path"])
    descriptor = HidDescriptor(
        found["path"].decode(), VENDOR, PRODUCT, PACKET, PACKET, found["product_string"], found["serial_number"])
    return CtapHidConnection(CtapHidDevice(descriptor, LibUSBPackets(device)))


def by_pcsc():
    from nitrokey.trussed._connection.ccid import list_ccid
    [connection] = list_ccid(list(bytes.fromhex("3B8F01805D4E6974726F6B657900000000006A")), True)
    return connection


def answer(app, action, *arguments):
    if action == "status":
        status = app.select()
        return {
            "serial": (status.serial_number or b"").hex(), "version": status.version_str(),
            "tries": status.pin_attempt_counter}
    if action == "pin":
        return app.set_pin_raw(*arguments)
    if action == "change":
        return app.change_pin_raw(*arguments)
    if action == "verify":
        return app.verify_pin_raw(*arguments)
    if action == "add":
        kind, name, secret, digits, counter = arguments
        kind, algorithm = KINDS[kind]
        return app.register(
            name.encode(), bytes.fromhex(secret), int(digits), kind, algorithm, initial_counter_value=int(counter))
    if action == "list":
        return [item.label.decode() for item in app.list_with_properties()]
    if action == "kinds":
        return {item.label.decode(): item.kind.name for item in app.list_with_properties()}
    if action == "accepts":
        name, code = arguments
        try:
            return app.verify_code(name.encode(), int(code))
        except SecretsAppException as error:
            if error.code != REFUSED:
                raise
            return False
    if action == "code":
        name, time = arguments
        return app.calculate(name.encode(), int(time) // PERIOD).decode()
    if action == "delete":
        return app.delete(arguments[0].encode())
    sys.exit(f"unknown action {action}")


def main():
    transport, *words = sys.argv[1:]
    connection = by_hid() if transport == "hid" else by_pcsc()
    try:
        app = SecretsApp(FirmwareNotAsked(connection))
        app.get_feature_status_cached()
        # Actions are told apart by a lone comma.
        while words:
            end = words.index(",") if "," in words else len(words)
            print(json.dumps(answer(app, *words[:end])))
            words = words[end + 1:]
    finally:
        connection.close()


if __name__ == "__main__":
    main()
