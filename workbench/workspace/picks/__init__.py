"""What query strategies choose from, kept in memory between two picks."""

from __future__ import annotations

from workbench.workspace.picks.held_out import HeldOut
from workbench.workspace.picks.index import Key, PickIndex
from workbench.workspace.picks.places import Places
from workbench.workspace.picks.shelf import PickShelf

__all__ = ["HeldOut", "Key", "PickIndex", "PickShelf", "Places"]
