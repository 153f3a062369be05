"""A WebGL scatter plot of up to a million messages with lasso, hover and cluster names."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import traitlets

from .base import Callbacks, Content, Element, JsonValue, module_text, style_text

NO_CATEGORY = 65535
"""Category of a point that belongs to none (noise)."""

_STEPS = 65535


def pack_mask(mask: npt.NDArray[np.bool_]) -> bytes:
    """Pack a bool array ``(n,)`` into bits, the first message in the lowest bit of the first byte."""
    return np.packbits(mask, bitorder="little").tobytes()


def unpack_mask(packed: bytes | memoryview, n: int) -> npt.NDArray[np.bool_]:
    """Undo `pack_mask`; missing bytes read as not selected."""
    bits = np.unpackbits(np.frombuffer(packed, dtype=np.uint8), bitorder="little", count=None)[:n]
    return np.concatenate([bits, np.zeros(n - len(bits), dtype=np.uint8)]).astype(np.bool_)


class MessageMap(Element):
    """Map of messages.

    Set `xy` first: it fixes the number of points ``n``. Positions travel as 16-bit steps of the larger
    side, categories as 16 bits and states as one bit each: about 6 bytes a point.

    Attributes
    ----------
    xy : bytes
        float32 little-endian, ``(n, 2)``; finite.
    category : bytes
        uint16 little-endian, ``(n,)``; index into `palette` and `category_names`; 65535 is none. Empty: all none.
    palette, category_names : list of str
        ``#rrggbb`` and name per category. A category past the end of `palette` is drawn neutral.
    category_kind : str
        What the categories are, in the plural, for the head of the legend.
    highlight : bytes
        Bit mask (`pack_mask`) of points to bring forward, for instance the hits of a search. Empty: none.
    selection : bytes or memoryview
        Bit mask of selected points; written by the browser, may be set from Python. Empty: none.
    selection_count : int
        Number of bits set in `selection`.
    annotations : list of dict
        Names on the map: ``{"x", "y", "text", "category"}`` in the coordinates of `xy`, most important
        first. Names that would overlap wait until there is room. ``category`` -1: neutral.
    point_size : float
        Factor on the automatic point size, 0.25 to 4.
    height : int
        Height in CSS pixels.
    title : str
        Accessible name.
    """

    _esm = module_text("message_map", "map_gl")
    _css = style_text("message_map")

    xy = traitlets.Bytes(b"")
    category = traitlets.Bytes(b"").tag(sync=True)
    palette = traitlets.List(traitlets.Unicode()).tag(sync=True)
    category_names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    category_kind = traitlets.Unicode("categories").tag(sync=True)
    highlight = traitlets.Bytes(b"").tag(sync=True)
    # The browser sends a memoryview, which a Bytes trait would refuse and lose.
    selection = traitlets.Any(b"").tag(sync=True)
    selection_count = traitlets.Int(0).tag(sync=True)
    annotations = traitlets.List(traitlets.Dict()).tag(sync=True)
    point_size = traitlets.Float(1.0, min=0.25, max=4.0).tag(sync=True)
    height = traitlets.Int(560, min=160).tag(sync=True)
    title = traitlets.Unicode("Map of messages").tag(sync=True)
    _points = traitlets.Bytes(b"").tag(sync=True)
    _frame = traitlets.List(traitlets.Float(), default_value=[0.0, 0.0, 1.0]).tag(sync=True)

    def __init__(self, **traits: object) -> None:
        self._select = Callbacks()
        self._hover = Callbacks()
        super().__init__(**traits)
        self.handle("hover", self._answer_hover)
        self.observe(self._announce, "selection")

    @property
    def n_points(self) -> int:
        """Number of points."""
        return len(self.xy) // 8

    def set_points(
        self, xy: npt.NDArray[np.float32], category: npt.NDArray[np.integer] | None = None
    ) -> None:
        """Replace all points and forget selection and highlight.

        Parameters
        ----------
        xy : float32, (n, 2)
            Positions.
        category : integer, (n,), optional
            Category per point; negative means none.
        """
        with self.hold_sync():
            self.selection, self.selection_count, self.highlight = b"", 0, b""
            self.xy = np.ascontiguousarray(xy, dtype="<f4").tobytes()
            if category is None:
                self.category = b""
            else:
                wide = np.asarray(category).astype(np.int64)
                self.category = np.where(wide < 0, NO_CATEGORY, wide).astype("<u2").tobytes()

    def selected(self) -> npt.NDArray[np.bool_]:
        """Return the selection as bool, ``(n_points,)``."""
        return unpack_mask(self.selection, self.n_points)

    def select(self, mask: npt.NDArray[np.bool_]) -> None:
        """Select from Python; ``mask`` is bool, ``(n_points,)``."""
        with self.hold_trait_notifications(), self.hold_sync():
            self.selection_count = int(np.count_nonzero(mask))
            self.selection = pack_mask(mask) if self.selection_count else b""

    def on_select(self, callback: Callable[[npt.NDArray[np.bool_]], object]) -> Callable[[], None]:
        """Call back with the mask, bool ``(n_points,)``, whenever the selection changes; returns the undo."""
        return self._select.add(callback)

    def on_hover(self, callback: Callable[[int], str | None]) -> Callable[[], None]:
        """Call back with the row number under the pointer; the returned text is shown. Returns the undo."""
        return self._hover.add(callback)

    @traitlets.validate("xy")
    def _check_xy(self, proposal: dict[str, object]) -> bytes:
        raw = proposal["value"]
        assert isinstance(raw, bytes)
        if len(raw) % 8 or not np.isfinite(np.frombuffer(raw, "<f4")).all():
            raise traitlets.TraitError("xy must be finite float32 pairs: 8 bytes per point.")
        return raw

    @traitlets.observe("xy")
    def _quantise(self, _change: object) -> None:
        xy = np.frombuffer(self.xy, "<f4").reshape(-1, 2)
        if not len(xy):
            self._points, self._frame = b"", [0.0, 0.0, 1.0]
            return
        low, high = xy.min(axis=0).astype(float), xy.max(axis=0).astype(float)
        side = float(max(high - low)) or 1.0
        origin = (low + high) / 2 - side / 2
        steps = np.clip(np.rint((xy - origin) / side * _STEPS), 0, _STEPS)
        with self.hold_sync():
            self._frame = [float(origin[0]), float(origin[1]), side]
            self._points = steps.astype("<u2").tobytes()

    def _announce(self, _change: object) -> None:
        self._select(self.selected())

    def _answer_hover(self, content: Content, _buffers: Sequence[memoryview]) -> JsonValue:
        index = content.get("index")
        if not isinstance(index, int) or not 0 <= index < self.n_points:
            return None
        texts = [text for text in self._hover(index) if isinstance(text, str)]
        return "\n".join(texts) or None
