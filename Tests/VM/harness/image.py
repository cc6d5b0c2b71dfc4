"""The kernel, its modules and the initramfs, out of Debian's kernel package."""

import gzip
import lzma
import pathlib
import re
import shutil
import stat
import subprocess
import tarfile

from . import NotRun, packages

# The rest follows from what these modules say that they depend on.
MODULES = ["virtio_pci", "9pnet_virtio", "9p", "overlay", "vhci-hcd", "xhci-pci", "usbhid", "hid-generic"]
MODULE_FOLDERS = [
    "drivers/virtio/", "drivers/usb/common/", "drivers/usb/core/", "drivers/usb/host/", "drivers/usb/usbip/",
    "drivers/hid/", "fs/9p/", "fs/netfs/", "fs/fscache/", "fs/overlayfs/", "net/9p/",
]
XZ_MAGIC = b"\xfd7zXZ\x00"
FOLDERS = ["bin", "dev", "modules", "proc", "shared", "sys", "tree", "writes"]


def prepare(cache):
    """The folder with `vmlinux` and `modules`, of the newest kernel; without a look at apt where there is one."""
    ready = sorted(path.parent for path in cache.glob("linux-image-*/ready"))
    if ready:
        return ready[-1]
    package = packages.kernel_package()
    folder = cache / package
    shutil.rmtree(folder, ignore_errors=True)
    archive = packages.download(package, cache)
    (folder / "modules").mkdir(parents=True)
    unpack(archive, folder)
    archive.unlink()
    (folder / "ready").touch()
    return folder


def unpack(archive, folder):
    """Keeps 70 of the package's 400 MB."""
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", archive], stdout=subprocess.PIPE) as source:
        with tarfile.open(fileobj=source.stdout, mode="r|") as files:
            for member in files:
                name = member.name.removeprefix("./")
                if name.startswith("boot/vmlinuz-"):
                    (folder / "vmlinux").write_bytes(inflated(files.extractfile(member).read()))
                elif name.endswith(".ko") and name.split("/kernel/")[-1].startswith(tuple(MODULE_FOLDERS)):
                    (folder / "modules" / pathlib.Path(name).name).write_bytes(files.extractfile(member).read())
    if source.returncode != 0 or not (folder / "vmlinux").exists():
        raise NotRun(f"there is no kernel in {archive.name}")


def inflated(image):
    """The kernel as it runs. Inflating it is half of the boot when the processor is emulated, so it is done here."""
    start = image.find(XZ_MAGIC)
    return lzma.LZMADecompressor().decompress(image[start:]) if start >= 0 else image


def in_loading_order(folder):
    """Paths of the wanted modules and of those that they need, needed ones first."""
    known = {path.stem.replace("-", "_"): path for path in (folder / "modules").glob("*.ko")}
    order = []

    def add(name):
        path = known.get(name.replace("-", "_"))
        if path is None or path in order:
            return  # what is not a file is built into the kernel
        needs = re.search(rb"\0depends=([^\0]*)\0", b"\0" + path.read_bytes())
        for need in filter(None, (needs.group(1).decode() if needs else "").split(",")):
            add(need)
        order.append(path)

    for name in MODULES:
        add(name)
    return order


def pack(folder, init, target):
    """The initramfs: busybox, the modules with a list in loading order, and `init`."""
    busybox = shutil.which("busybox") or "/bin/busybox"
    modules = in_loading_order(folder)
    entries = [(name, stat.S_IFDIR | 0o755, b"") for name in FOLDERS]
    entries.append(("bin/busybox", stat.S_IFREG | 0o755, pathlib.Path(busybox).read_bytes()))
    entries.append(("bin/sh", stat.S_IFLNK | 0o777, b"busybox"))
    entries.append(("init", stat.S_IFREG | 0o755, init.read_bytes()))
    entries += [(f"modules/{path.name}", stat.S_IFREG | 0o644, path.read_bytes()) for path in modules]
    names = "".join(path.name + "\n" for path in modules)
    entries.append(("modules/order", stat.S_IFREG | 0o644, names.encode()))
    target.write_bytes(gzip.compress(archive(entries), compresslevel=1))


def archive(entries):
    """A cpio archive of the "newc" form (Linux, `Documentation/driver-api/early-userspace/buffer-format.rst`)."""
    entries = [*entries, ("TRAILER!!!", 0, b"")]
    return b"".join(record(number, *entry) for number, entry in enumerate(entries, 1))


def record(number, name, mode, contents):
    links, checksum = 1, 0
    numbers = [number, mode, 0, 0, links, 0, len(contents), 0, 0, 0, 0, len(name) + 1, checksum]
    head = b"070701" + b"".join(b"%08X" % value for value in numbers) + name.encode() + b"\0"
    return padded(head) + padded(contents)


def padded(contents):
    return contents + bytes(-len(contents) % 4)
