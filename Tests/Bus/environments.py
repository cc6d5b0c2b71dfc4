"""Programs from PyPI that judge the virtual keys, each with what it stands on in an environment below `.build`."""

import fcntl
import shutil
import subprocess
import sys

from bus import BUILD

# Seconds; a compiler may be at work.
INSTALLING = 600


class Environment:
    """Packages of fixed versions, installed when somebody first asks, and anew when the versions are others."""

    def __init__(self, name, *packages):
        self.folder, self.wanted = BUILD / name, packages
        self.is_tried, self.reason = False, None

    def program(self, name):
        return self.folder / "bin" / name

    def obstacle(self):
        """Why the programs cannot be run, or None. Tests run side by side: one installs, the others wait for it."""
        BUILD.mkdir(parents=True, exist_ok=True)
        with open(self.folder.with_suffix(".lock"), "w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not self.is_tried:
                self.is_tried, self.reason = True, self.install()
        return self.reason

    def install(self):
        stamp, wanted = self.folder / "complete", "\n".join(self.wanted)
        if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
            return None
        try:
            self.run(sys.executable, "-m", "venv", "--clear", self.folder)
            self.run(self.program("pip"), "install", "--quiet", "--disable-pip-version-check", *self.wanted)
            stamp.write_text(wanted, encoding="utf-8")
        except (OSError, subprocess.SubprocessError) as error:
            shutil.rmtree(self.folder, ignore_errors=True)
            lines = (getattr(error, "stderr", None) or str(error)).strip().splitlines()
            return f"{self.wanted[0]} cannot be installed: {lines[-1] if lines else 'no reason was given'}"
        return None

    @staticmethod
    def run(*command):
        subprocess.run(
            [str(word) for word in command], check=True, capture_output=True, encoding="utf-8", errors="replace",
            timeout=INSTALLING)


# Debian's is years older. Its reader library is compiled: swig, libpcsclite-dev, python3-dev. Also for Tests/VM.
YKMAN = Environment("ykman", "yubikey-manager==5.9.2")
