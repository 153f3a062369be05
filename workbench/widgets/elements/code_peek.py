"""The Python line behind a control: the screen teaches the notebook."""

from __future__ import annotations

import traitlets

from .base import Element, module_text, style_text


class CodePeek(Element):
    """A small button that shows Python code and copies it.

    Attributes
    ----------
    code : str
        The code; empty hides the button.
    figures : str
        The code of the numbers that stand on the screen in words, shown below.
    caption : str
        Text of the button.
    """

    _esm = module_text("code_peek")
    _css = style_text("code_peek")

    code = traitlets.Unicode("").tag(sync=True)
    figures = traitlets.Unicode("").tag(sync=True)
    caption = traitlets.Unicode("Code").tag(sync=True)
