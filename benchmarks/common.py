"""What every benchmark prints first, and where real data lies."""

from __future__ import annotations

import os
import platform
import resource
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))


def machine() -> str:
    """Processor, cores, memory and load, in one line."""
    model = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{model}, {os.cpu_count()} cores, {memory:.0f} GiB, load {os.getloadavg()[0]:.1f}, Python {platform.python_version()}"


def real_data() -> Path:
    """Folder of the real data sets; ends the script with a sentence where it is absent."""
    folder = Path(os.environ.get("WORKBENCH_REAL_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        raise SystemExit(f"real data sets are not at {folder}; set WORKBENCH_REAL_DATA")
    return folder


def peak_mib(pid: int | None = None) -> float:
    """Highest resident memory of this process, or of another, in MiB."""
    if pid is None:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024


def settle(quiet: float = 0.25, limit_s: float = 90) -> None:
    """Wait until the machine idles for 3 seconds: what was started in the background has finished."""
    calm, end = 0, time.monotonic() + limit_s
    while calm < 3 and time.monotonic() < end:
        before = _busy_s()
        time.sleep(1)
        calm = calm + 1 if _busy_s() - before < quiet else 0


def _busy_s() -> float:
    """Processor seconds spent by the machine since it started."""
    fields = Path("/proc/stat").read_text().splitlines()[0].split()[1:]
    idle = int(fields[3]) + int(fields[4])
    return (sum(map(int, fields[:8])) - idle) / os.sysconf("SC_CLK_TCK")
