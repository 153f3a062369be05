"""What stands in the place of the list while one stream is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ipywidgets as ipw

if TYPE_CHECKING:
    from workbench.domain import Stream
    from workbench.widgets.panels.streams import StreamsPanel


class StreamPart:
    """Base of the looks at one stream: words, the way back to the list, and reading again one at a time.

    Parameters
    ----------
    panel
        The screen.
    stream
        What is looked at.
    """

    def __init__(self, panel: StreamsPanel, stream: Stream) -> None:
        self._panel, self._stream = panel, stream
        self.words = panel.words()
        self._back = ipw.Button(description="All streams")
        self._back.on_click(panel.guard(panel.show_list))

    @property
    def _title(self) -> str:
        return self._stream.settings.title or self._stream.name

    def refresh(self) -> None:
        """Read again what is shown; what cannot be read is said in its place."""
        with self._panel.reading:
            self._read_again()

    def _read_again(self) -> None:
        raise NotImplementedError
