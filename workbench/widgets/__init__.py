"""What people see: elements, panels and apps.

Importing this room loads no widget library; the panels lie in ``workbench.widgets.panels``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.widgets.apps import app, apps_folder
    from workbench.widgets.state import PanelState

__all__ = ["PanelState", "app", "apps_folder"]


def __getattr__(name: str) -> Any:
    """Load what is asked for."""
    if name == "PanelState":
        from workbench.widgets.state import PanelState  # noqa: PLC0415

        return PanelState
    if name in ("app", "apps_folder"):
        from workbench.widgets import apps  # noqa: PLC0415

        return getattr(apps, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
