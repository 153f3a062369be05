"""What Voila must be told so that the apps work, offline and with bounded memory."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

TEMPLATE = "workbench"
"""Name of the Voila template."""

APPS: tuple[tuple[str, str], ...] = (
    ("sources", "Sources"),
    ("datasets", "Datasets"),
    ("discover", "Discover"),
    ("train", "Train"),
    ("annotate", "Annotate"),
    ("validation", "Validation"),
    ("models", "Models"),
    ("agreement", "Agreement"),
    ("monitor", "Monitor"),
    ("streams", "Streams"),
    ("usage", "Usage"),
    ("admin", "Admin"),
)
"""Name of the notebook without ``.ipynb``, and title, in the order of the top bar."""

# Without the first nothing is drawn and nothing is reported; the others draw controls and elements.
EXTENSIONS = ("@voila-dashboards/widgets-manager8", "@jupyter-widgets/jupyterlab-manager", "anywidget")

ConfigValue = None | bool | int | float | str | Sequence["ConfigValue"] | Mapping[str, "ConfigValue"]


def template_path() -> Path:
    """Return the folder to put first in ``JUPYTER_PATH``; Voila finds the template below it."""
    return Path(__file__).parent / "jupyter"


def voila_config(
    *,
    port: int,
    ip: str = "127.0.0.1",
    base_url: str = "/",
    apps: Sequence[tuple[str, str]] = APPS,
    product: str = "Workbench",
    theme: str = "auto",
    preheat: int = 1,
    cull_idle_s: int = 900,
    max_message_bytes: int = 64 * 1024 * 1024,
    user_headers: Sequence[str] = (),
    secret: str = "",
    links: Sequence[tuple[str, str]] = (),
) -> dict[str, dict[str, ConfigValue]]:
    """Return the configuration of Voila as plain JSON values, by class and trait.

    Parameters
    ----------
    port, ip, base_url
        Where Voila listens. It asks for no sign-in: keep it on loopback behind a server that does.
    apps
        Name and title per entry of the top bar.
    product
        Name in the top bar.
    theme
        ``"light"``, ``"dark"``, or ``"auto"`` (as the visitor's system is set) for visitors who have not chosen.
    preheat
        Kernels kept ready per app; 0 starts one per visit. A prepared kernel must call
        ``voila.utils.wait_for_request()`` before it reads who visits.
    cull_idle_s
        Seconds without a connection after which a kernel ends. A page that is left ends its own; this is for
        those that were cut off, so it must stay above 0.
    max_message_bytes
        Largest websocket message. Larger ones are dropped by tornado without a word; the largest the
        elements send are 1 MiB from the browser and some 10 MB to it (one million points).
    user_headers
        Names of request headers that a trusted proxy sets; they reach the kernel as ``HTTP_<NAME>``.
    secret
        What Voila asks of whoever speaks to it, as ``Authorization: token …``; empty = it answers everybody.
    links
        Address and words of links at the end of the top bar.

    Raises
    ------
    ValueError
        When `cull_idle_s` is not positive or `theme` is none of light, dark and auto.
    """
    if cull_idle_s <= 0:
        raise ValueError(
            f"cull_idle_s must be positive, not {cull_idle_s}: kernels of closed tabs would stay."
        )
    if theme not in ("auto", "light", "dark"):
        raise ValueError(f"theme must be 'light', 'dark' or 'auto', not {theme!r}.")
    return {
        "Voila": {
            "ip": ip,
            "port": port,
            "port_retries": 0,
            "base_url": base_url,
            "open_browser": False,
            **({"token": secret} if secret else {}),
            "tornado_settings": {
                "websocket_max_message_size": max_message_bytes,
                # A page that is left asks for the end of its kernel. Voila never sets the cookie that this request
                # is checked by, so it was refused and the kernel stayed, 100 MiB each, until it was idle for long
                # enough. It is the only thing the server takes by POST, and names a kernel by 128 random bits.
                "disable_check_xsrf": True,
            },
        },
        "VoilaConfiguration": {
            "template": TEMPLATE,
            "theme": "dark" if theme == "dark" else "light",
            "classic_tree": True,
            "extension_allowlist": list(EXTENSIONS),
            "preheat_kernel": preheat > 0,
            "default_pool_size": max(1, preheat),
            "show_tracebacks": False,
            "strip_sources": True,
            "allow_template_override": "NO",
            "http_header_envs": list(user_headers),
            "resources": {
                "workbench": {
                    "product": product,
                    "theme": theme,
                    "apps": [{"name": name, "title": title} for name, title in apps],
                    "links": [{"address": address, "title": title} for address, title in links],
                }
            },
        },
        # A prepared kernel is replaced only after the visitor has the page: both would want the same cores.
        "VoilaKernelManager": {"fill_delay": 5},
        # cull_connected would end a kernel under a visitor who only reads.
        "MappingKernelManager": {
            "cull_idle_timeout": cull_idle_s,
            "cull_interval": max(1, min(60, cull_idle_s // 3)),
            "cull_connected": False,
            "cull_busy": False,
        },
    }


def voila_environment(config_folder: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for the Voila process: template and configuration found, nothing else changed.

    Parameters
    ----------
    config_folder
        Where `write_voila_config` wrote.
    environment
        The environment to add to, for instance ``os.environ``.
    """
    out = dict(environment)
    for name, folder in (("JUPYTER_PATH", template_path()), ("JUPYTER_CONFIG_PATH", config_folder)):
        before = environment.get(name, "")
        out[name] = f"{folder}:{before}" if before else str(folder)
    return out


def write_voila_config(folder: Path, config: Mapping[str, Mapping[str, ConfigValue]]) -> Path:
    """Write ``voila.json`` into a folder and return its path.

    Start Voila with ``python -m voila <folder of the app notebooks>`` in the environment of
    `voila_environment`.
    """
    path = folder / "voila.json"
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)  # it may hold a secret
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        json.dump(config, out, indent=1)
    return path
