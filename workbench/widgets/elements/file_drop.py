"""Files from the browser in pieces, so that no limit of the websocket and no memory is exceeded."""

from __future__ import annotations

from collections.abc import Callable

import traitlets

from .base import Callbacks, Content, Element, JsonValue, describe_error, module_text, style_text


class FileDrop(Element):
    """Drop area and file picker.

    A file is read in pieces of 1 MiB; the next piece leaves the browser when the callback of the one before
    has returned. A callback that raises ends the upload and its error is shown.

    Attributes
    ----------
    accept : list of str
        Endings that are taken, with the dot (``".csv"``); empty: any.
    max_bytes : int
        Largest file in bytes, checked before anything is sent.
    multiple : bool
        Whether several files may be chosen; they are sent one after the other.
    prompt : str
        Text of the area.
    disabled : bool
        Takes no files.
    """

    _esm = module_text("file_drop")
    _css = style_text("file_drop")

    accept = traitlets.List(traitlets.Unicode()).tag(sync=True)
    max_bytes = traitlets.Int(2 * 1024**3, min=1).tag(sync=True)
    multiple = traitlets.Bool(False).tag(sync=True)
    prompt = traitlets.Unicode("Drop a file here, or choose one").tag(sync=True)
    disabled = traitlets.Bool(False).tag(sync=True)

    def __init__(self, **traits: object) -> None:
        self._start, self._piece, self._end, self._cancel = Callbacks(), Callbacks(), Callbacks(), Callbacks()
        self._expected: dict[str, tuple[int, int]] = {}
        super().__init__(**traits)
        self.handle("start", self._started)
        self.handle("piece", self._received)
        self.handle("end", self._ended)
        self.handle("cancel", self._cancelled)

    def on_start(self, callback: Callable[[str, str, int], object]) -> Callable[[], None]:
        """Call back with upload id, file name and announced bytes before the first piece; returns the undo."""
        return self._start.add(callback)

    def on_piece(self, callback: Callable[[str, int, bytes], object]) -> Callable[[], None]:
        """Call back with upload id, number of the piece from 0, and its bytes, in order; returns the undo."""
        return self._piece.add(callback)

    def on_end(self, callback: Callable[[str, str, int], object]) -> Callable[[], None]:
        """Call back with upload id, file name and received bytes after the last piece; returns the undo."""
        return self._end.add(callback)

    def on_cancel(self, callback: Callable[[str], object]) -> Callable[[], None]:
        """Call back with the upload id when the person cancels or a piece failed; returns the undo."""
        return self._cancel.add(callback)

    def _started(self, content: Content, _buffers: list[memoryview]) -> JsonValue:
        upload, name, size = str(content["upload_id"]), str(content["name"]), int(str(content["n_bytes"]))
        if size > self.max_bytes:
            raise OverflowError(f"file of {size} bytes is larger than {self.max_bytes}")
        self._expected[upload] = (0, 0)
        self._start(upload, name, size)
        return None

    def _received(self, content: Content, buffers: list[memoryview]) -> JsonValue:
        upload, index = str(content["upload_id"]), int(str(content["index"]))
        if upload not in self._expected:
            return None
        due, total = self._expected[upload]
        if index < due:  # sent again because our answer was lost: already stored
            return index
        piece = bytes(buffers[0])
        if index != due or total + len(piece) > self.max_bytes:
            self._drop(upload)
            raise OverflowError(f"piece {index} of upload {upload} was not expected")
        try:
            self._piece(upload, index, piece)
        except BaseException:
            self._drop(upload)
            raise
        self._expected[upload] = (due + 1, total + len(piece))
        return index

    def _ended(self, content: Content, _buffers: list[memoryview]) -> JsonValue:
        upload = str(content["upload_id"])
        if upload not in self._expected:
            return None
        _due, total = self._expected.pop(upload)
        self._end(upload, str(content["name"]), total)
        return total

    def _cancelled(self, content: Content, _buffers: list[memoryview]) -> JsonValue:
        self._drop(str(content["upload_id"]))
        return None

    def _drop(self, upload: str) -> None:
        if self._expected.pop(upload, None) is not None:
            self._cancel(upload)

    def fail(self, upload_id: str, error: BaseException) -> None:
        """Show on the area that an upload that had arrived could not be used, and why."""
        self.emit("refused", {"upload_id": upload_id, "error": describe_error(error)})
