"""Run all tests as two processes side by side: those that mostly compute, and those that mostly wait.

    python tests/run_in_two.py [options for pytest]

Servers, browsers and killed processes leave a core idle half of the time; side by side the whole takes little longer
than its slower half. Mailboxes and notebooks wait too, and go with those that compute, so that both halves are about
as long. What the second process prints follows when both are done.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
WAITING = ("browser", "contract", "recovery")


def main() -> int:
    """Run both and return 0 when neither failed."""
    computing = sorted(
        folder.name
        for folder in HERE.iterdir()
        if folder.is_dir() and folder.name not in WAITING and any(folder.rglob("test_*.py"))
    )
    command = [sys.executable, "-m", "pytest", *sys.argv[1:]]
    with tempfile.TemporaryFile("w+") as said:
        second = subprocess.Popen(
            [*command, "-p", "no:cacheprovider", *(str(HERE / name) for name in computing)],
            stdout=said,
            stderr=subprocess.STDOUT,
        )
        try:
            first = subprocess.call([*command, *(str(HERE / name) for name in WAITING)])
            code = second.wait()
        finally:
            if second.poll() is None:
                second.terminate()
                second.wait()
        said.seek(0)
        print(said.read())
    return first or code


if __name__ == "__main__":
    sys.exit(main())
