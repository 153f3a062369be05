"""What a limit is: a number, its meaning, the words of its refusal."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.errors import LimitError


@dataclass(frozen=True, kw_only=True)
class Limit:
    """One limit.

    Attributes
    ----------
    most, least
        The largest and smallest number allowed, both inclusive.
    field
        What it bounds, in the words of the exchange format (``messages[].to``) or of the catalogue.
    refusal
        The sentence of its error; may use ``{found}``, ``{most}``, ``{least}`` and ``{where}``.
    next_step
        What to do about it.
    setting
        Setting that may change it, empty = fixed.
    """

    name: str
    most: int
    least: int = 0
    field: str
    refusal: str
    next_step: str
    setting: str = ""

    def check(self, found: int, where: str, *, most: int | None = None) -> None:
        """Refuse a number out of bounds.

        Parameters
        ----------
        found
            What is there.
        where
            The thing it was found on, as the reader knows it: ``message 'm7'``, ``dataset 'demo/mail'``.
        most
            The setting's value, None = the default; 0 = no limit.

        Raises
        ------
        LimitError
            ``found`` is larger than the limit, or smaller than the least.
        """
        bound = self.most if most is None else most
        if found >= self.least and (found <= bound or (self.setting and not bound)):
            return
        raise self.refused(found, where, bound)

    def refused(self, found: int, where: str, bound: int, *, next_step: str = "") -> LimitError:
        """The error of ``found`` where ``bound`` is the most; another next step takes the place of the usual one."""
        numbers = {"found": f"{found:,}", "most": f"{bound:,}", "least": f"{self.least:,}"}
        return LimitError(
            self.refusal.format(where=where, **numbers),
            next_step=next_step or self.next_step,
            details={"limit": self.name, "most": bound, "least": self.least, "found": found},
        )
