"""How much may come out of a compressed file."""

from __future__ import annotations

from workbench.errors import FileFormatError

UNPACKED_BYTES = 1 << 30


class Allowance:
    """Bytes that may still be unpacked; a small archive can hold an endless one.

    Parameters
    ----------
    most
        All of them.
    """

    def __init__(self, most: int = UNPACKED_BYTES) -> None:
        self._most = most
        self._left = most

    def take(self, n_bytes: int) -> None:
        """Use some.

        Raises
        ------
        FileFormatError
            There are not as many left.
        """
        self._left -= n_bytes
        if self._left < 0:
            raise FileFormatError(
                f"the file unpacks to more than {self._most:,} bytes.",
                next_step="Split it, or raise the setting 'import_unpacked_max_bytes'.",
                details={"limit": self._most},
            )
