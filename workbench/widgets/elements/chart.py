"""Charts that share one plotly.js per page."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, ClassVar

import traitlets

from .base import Callbacks, Content, Element, JsonValue, module_text, style_text

if TYPE_CHECKING:
    from workbench.charts import Figure


@cache
def _packed_plotly() -> bytes:
    """Return plotly's own bundled script, packed: 1.5 MB instead of 4.8 MB on the wire."""
    script = files("plotly").joinpath("package_data", "plotly.min.js").read_bytes()
    return gzip.compress(script, compresslevel=5, mtime=0)


class PlotlyRuntime(Element):
    """Carries plotly.js to the page, once per kernel. Use `shared`; charts do so themselves.

    Attributes
    ----------
    source : bytes
        gzip of ``plotly.min.js`` as installed with the plotly package.
    """

    _esm = module_text("plotly_runtime")

    source = traitlets.Bytes(b"").tag(sync=True)

    _shared: ClassVar[PlotlyRuntime | None] = None

    @classmethod
    def shared(cls) -> PlotlyRuntime:
        """Return the runtime of this kernel, made at the first call."""
        if cls._shared is None or cls._shared.comm is None:
            cls._shared = cls(source=_packed_plotly())
        return cls._shared


class Chart(Element):
    """A plotly figure.

    Attributes
    ----------
    spec : str
        The figure as JSON (``fig.to_json()`` of a ``go.Figure``). Colours of page, text, axes and grid follow
        light and dark and need not be set. Empty: nothing is drawn.
    dark_spec : str
        The same figure for a dark page, where its own colours differ. Empty: `spec` is drawn on both.
    rows : list of dict
        The numbers behind the picture, one dict per row, for the table view and 'Copy data'. Empty: both
        fall back to the traces.
    code : str
        The Python lines that give the same numbers, for 'Copy code'. Empty: it is not offered.
    aria_label : str
        What the chart shows, in one sentence.
    height : int
        Height in CSS pixels.
    """

    _esm = module_text("chart")
    _css = style_text("chart")

    spec = traitlets.Unicode("").tag(sync=True)
    dark_spec = traitlets.Unicode("").tag(sync=True)
    rows = traitlets.List(traitlets.Dict()).tag(sync=True)
    code = traitlets.Unicode("").tag(sync=True)
    aria_label = traitlets.Unicode("Chart").tag(sync=True)
    height = traitlets.Int(320, min=80).tag(sync=True)
    _runtime = traitlets.Unicode("").tag(sync=True)

    def __init__(self, **traits: object) -> None:
        self.figure: Figure | None = None
        """What is drawn; kept here for who asks the screen for its numbers."""
        self._click = Callbacks()
        super().__init__(**traits)
        self._runtime = PlotlyRuntime.shared().model_id
        self.handle("click", self._clicked)

    def on_click(self, callback: Callable[[Mapping[str, JsonValue]], object]) -> Callable[[], None]:
        """Call back with ``{"trace", "point", "x", "y", "customdata"}`` of a clicked mark; returns the undo.

        ``trace`` is the number of the trace, ``point`` the number of the point in it.
        """
        return self._click.add(callback)

    def _clicked(self, content: Content, _buffers: list[memoryview]) -> JsonValue:
        self._click({key: content.get(key) for key in ("trace", "point", "x", "y", "customdata")})
        return None
