"""A USB/IP client of the standard library alone, written from the kernel's protocol documentation.

usage: usbip_client.py HOST:PORT|PATH

Lists the keys, imports the first one, reads its device descriptor, powers the card and selects the OATH applet.
Prints one line for each step; a deviation from the protocol ends it with a traceback.
"""

import socket
import struct
import sys

VERSION, HEADER = 0x0111, 48


def connect(address):
    if address.startswith("/"):
        stream = socket.socket(socket.AF_UNIX)
        stream.connect(address)
    else:
        host, port = address.rsplit(":", 1)
        stream = socket.create_connection((host, int(port)))
    stream.settimeout(20)
    return stream


def receive(stream, count):
    parts = b""
    while len(parts) < count:
        part = stream.recv(count - len(parts))
        assert part, f"the stream ended after {len(parts)} of {count} bytes"
        parts += part
    return parts


def operation(stream, code):
    version, answer, status = struct.unpack(">HHI", receive(stream, 8))
    assert (version, answer) == (VERSION, code & 0x7FFF), (hex(version), hex(answer))
    return status


def device(stream):
    path, bus_id, *numbers = struct.unpack(">256s32sIIIHHHBBBBBB", receive(stream, 312))
    return path.rstrip(b"\0").decode(), bus_id.rstrip(b"\0").decode(), numbers


def list_devices(address):
    with connect(address) as stream:
        stream.sendall(struct.pack(">HHI", VERSION, 0x8005, 0))
        assert operation(stream, 0x8005) == 0
        (count,) = struct.unpack(">I", receive(stream, 4))
        devices = []
        for _ in range(count):
            entry = device(stream)
            devices.append((entry, [tuple(receive(stream, 4)) for _ in range(entry[2][-1])]))
        assert stream.recv(1) == b""
        return devices


class Key:
    def __init__(self, address, bus_id):
        self.stream = connect(address)
        self.sequence = 0
        self.stream.sendall(struct.pack(">HHI32s", VERSION, 0x8003, 0, bus_id.encode()))
        status = operation(self.stream, 0x8003)
        assert status == 0, f"refused with status {status}"
        _, answered, numbers = device(self.stream)
        assert answered == bus_id
        self.device_id = numbers[0] << 16 | numbers[1]

    def transfer(self, endpoint, is_in, length, setup=bytes(8), data=b""):
        self.sequence += 1
        self.stream.sendall(
            struct.pack(">IIIIIIIIiI8s", 1, self.sequence, self.device_id, is_in, endpoint, 0, length, 0, -1, 0, setup)
            + data
        )
        fields = struct.unpack(">IIIIIiIIiI8s", receive(self.stream, HEADER))
        assert fields[:5] == (3, self.sequence, 0, 0, 0), fields
        assert fields[7:] == (0, -1, 0, bytes(8)), fields
        status, actual = fields[5], fields[6]
        return status, receive(self.stream, actual) if is_in else actual

    def message(self, kind, sequence, data=b""):
        message = struct.pack("<BIBBBH", kind, len(data), 0, sequence, 0, 0) + data
        assert self.transfer(2, 0, len(message), data=message) == (0, len(message))
        while True:
            status, answer = self.transfer(2, 1, 4096)
            assert status == 0, status
            if answer[7] & 0xC0 != 0x80:
                break
        assert answer[6] == sequence and answer[7] & 0xC0 == 0, answer.hex()
        return answer[10:]


def main():
    address = sys.argv[1]
    devices = list_devices(address)
    (_, bus_id, numbers), interfaces = devices[0]
    print(f"listed {len(devices)} {bus_id} {numbers[3]:04x}:{numbers[4]:04x} speed {numbers[2]} {interfaces}")
    key = Key(address, bus_id)
    status, descriptor = key.transfer(0, 1, 18, setup=struct.pack("<BBHHH", 0x80, 6, 0x0100, 0, 18))
    assert status == 0
    print("device", descriptor.hex())
    status, _ = key.transfer(0, 1, 8, setup=struct.pack("<BBHHH", 0xC0, 1, 0, 0, 8))
    print("vendor request", status)
    print("reset", key.message(0x62, 0).hex())
    answer = key.message(0x6F, 1, bytes.fromhex("00a4040007a0000005272101"))
    print("select", answer[:2].hex(), answer[-2:].hex())


main()
