"""How a visitor's notebook server is started: what it may touch, its settings, its environment."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import workbench
from workbench.gate.sandbox import Sandbox

PORTS_VARIABLE = "WORKBENCH_LAB_PORTS"
PORTS_PER_KERNEL = 5

_SYSTEM = (
    "/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/localtime",
    "/etc/timezone", "/etc/fonts", "/etc/ssl/certs", "/etc/ssl/openssl.cnf", "/etc/mime.types", "/etc/passwd", "/etc/group",
    "/etc/nsswitch.conf", "/etc/hosts", "/etc/host.conf", "/etc/os-release", "/etc/alternatives", "/proc",
    "/sys/devices/system/cpu", "/sys/fs/cgroup", "/var/cache/fontconfig", "/dev/urandom", "/dev/random", "/dev/zero",
)  # fmt: skip
_PASSED_ON = (
    "LANG",
    "LANGUAGE",
    "LC_ALL",
    "LC_CTYPE",
    "TZ",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
)
"""Variables that a confined process gets from ours; all others may hold secrets."""

_START = """import os
from pathlib import Path

import workbench as wb

ws = wb.connect(os.environ["WORKBENCH_URL"], token=Path(os.environ["WORKBENCH_TOKEN_FILE"]).read_text())
ws.datasets()
"""


@dataclass(frozen=True, kw_only=True)
class LabPlan:
    """One visitor's notebook server.

    Attributes
    ----------
    folder
        Where the visitor's notebooks lie; made when missing.
    base
        Path under which it is reached, with a slash at the end.
    secret
        What the server asks of the gate.
    token
        The visitor's own token of the HTTP door.
    url
        Address of the HTTP door.
    first_port
        Its own port; those of its kernels follow.
    most_kernels
        Most notebooks that may run.
    kernel_idle_s, idle_s
        Seconds after which an unused kernel, and the unused server, end.
    """

    folder: Path
    base: str
    secret: str = field(repr=False)
    token: str = field(repr=False)
    url: str
    door_port: int
    first_port: int
    most_kernels: int
    kernel_idle_s: int
    idle_s: int

    @property
    def kernel_ports(self) -> range:
        """Ports of the kernels."""
        return range(self.first_port + 1, self.first_port + 1 + self.most_kernels * PORTS_PER_KERNEL)

    def sandbox(self) -> Sandbox:
        """What the server and its kernels may do."""
        package = Path(workbench.__file__).parent
        ports = (self.first_port, *self.kernel_ports)
        return Sandbox(
            readable=(*map(Path, _SYSTEM), Path(sys.prefix), Path(sys.base_prefix), package),
            listable=(package.parent,),  # Python looks for the package by the names in this folder
            writable=(self.folder, Path("/dev/null")),
            connect_ports=(self.door_port, *ports),
            bind_ports=ports,
        )

    def write(self) -> None:
        """Make the visitor's folder with settings, token and a first notebook; what is the visitor's own stays."""
        for folder in (self.folder, self._inner, self._inner / "tmp", self._inner / "config"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write_private(self._token_file, self.token)
        _write_private(self._inner / "config" / "jupyter_server_config.json", json.dumps(self._settings()))
        news = self._inner / "settings" / "@jupyterlab" / "apputils-extension"
        news.mkdir(parents=True, exist_ok=True)
        (news / "notification.jupyterlab-settings").write_text('{"fetchNews": "false"}', "utf-8")
        first = self.folder / "Start.ipynb"
        if not first.exists():
            first.write_text(json.dumps(_notebook(_START)), "utf-8")

    def command(self) -> list[str]:
        """The program and its arguments; no secret among them."""
        return [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]

    def environment(self, ours: Mapping[str, str]) -> dict[str, str]:
        """Its whole environment."""
        inner = str(self._inner)
        kept = {name: ours[name] for name in _PASSED_ON if name in ours}
        home = Path(workbench.__file__).parent.parent
        found = {} if home.is_relative_to(sys.prefix) else {"PYTHONPATH": str(home)}
        return {
            **kept,
            **found,
            "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(self.folder),
            "TMPDIR": str(self._inner / "tmp"),
            "XDG_CACHE_HOME": f"{inner}/cache",
            "XDG_CONFIG_HOME": f"{inner}/config",
            "XDG_DATA_HOME": f"{inner}/data",
            "JUPYTER_CONFIG_DIR": f"{inner}/config",
            "JUPYTER_DATA_DIR": f"{inner}/data",
            "JUPYTER_RUNTIME_DIR": f"{inner}/runtime",
            "JUPYTERLAB_SETTINGS_DIR": f"{inner}/settings",
            "JUPYTERLAB_WORKSPACES_DIR": f"{inner}/workspaces",
            "IPYTHONDIR": f"{inner}/ipython",
            "NUMBA_CACHE_DIR": f"{inner}/cache/numba",
            "JUPYTER_TOKEN": self.secret,
            PORTS_VARIABLE: f"{self.kernel_ports.start}-{self.kernel_ports.stop - 1}",
            "WORKBENCH_URL": self.url,
            "WORKBENCH_TOKEN_FILE": str(self._token_file),
        }

    @property
    def _inner(self) -> Path:
        return self.folder / ".server"

    @property
    def _token_file(self) -> Path:
        return self._inner / "token"

    def _settings(self) -> dict[str, object]:
        return {
            "ServerApp": {
                "ip": "127.0.0.1",
                "port": self.first_port,
                "port_retries": 0,
                "base_url": self.base,
                "root_dir": str(self.folder),
                "allow_remote_access": True,  # the name that the browser uses comes through the gate
                "terminals_enabled": False,
                "shutdown_no_activity_timeout": self.idle_s,
                "quit_button": False,
                "kernel_manager_class": "jupyter_server.services.kernels.kernelmanager.AsyncMappingKernelManager",
            },
            "LabApp": {
                "check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
                "news_url": None,
                "extension_manager": "readonly",
            },
            "MappingKernelManager": {
                "kernel_manager_class": "workbench.gate.lab_kernels.ConfinedKernelManager",
                "cull_idle_timeout": self.kernel_idle_s,
                "cull_interval": max(1, min(60, self.kernel_idle_s // 3)),
                "cull_connected": True,
            },
            "KernelManager": {"cache_ports": False},
        }


def _notebook(source: str) -> dict[str, object]:
    cell: dict[str, object] = {
        "cell_type": "code", "execution_count": None, "id": "start", "metadata": {}, "outputs": [], "source": source,
    }  # fmt: skip
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {"cells": [cell], "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


def _write_private(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(text)
