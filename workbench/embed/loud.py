"""Channels of MiniLM whose values are many times larger than the rest, and what to divide them by.

8-bit activations share one scale per text. A loud channel stretches it and costs all others their precision;
dividing it by a power of two beforehand, and multiplying the matching row of the next matrix, changes nothing
else (the idea of SmoothQuant, Xiao et al. 2023, on the few channels that need it). The same channels are loud
whatever the text, so the table is a constant of the weights: printed by
``benchmarks/encoder_loud_channels.py`` from 500 texts. It more than halves the loss: mean cosine to 32 bits
0.997 instead of 0.993, at no measurable cost.
"""

from __future__ import annotations

from collections.abc import Mapping

LOUD: Mapping[str, Mapping[int, int]] = {
    "embed": {63: 1, 99: 1},
    "layer0.a.norm": {63: 2, 99: 3, 157: 1, 267: 1, 303: 1},
    "layer0.gelu": {856: 2},
    "layer0.b.norm": {63: 1, 99: 1, 157: 1, 338: 1},
    "layer1.a.norm": {63: 1, 99: 3, 157: 1, 223: 1, 267: 1, 338: 1},
    "layer1.gelu": {607: 2, 821: 1, 1157: 1},
    "layer1.b.norm": {63: 1, 99: 1, 157: 1, 223: 1},
    "layer2.a.norm": {63: 1, 99: 3, 157: 1, 223: 2, 338: 1},
    "layer2.gelu": {145: 1, 218: 2, 1004: 2, 1265: 1},
    "layer2.b.norm": {63: 1, 99: 1, 157: 1, 338: 1},
    "layer3.a.norm": {63: 1, 99: 3, 157: 1, 223: 2, 338: 1},
    "layer3.gelu": {201: 1, 318: 1, 358: 2, 662: 1, 750: 1, 1085: 1},
    "layer3.b.norm": {99: 1, 157: 1, 338: 1},
    "layer4.a.norm": {63: 1, 99: 3, 127: 2, 157: 1, 223: 2},
    "layer4.gelu": {
        122: 1,
        141: 1,
        192: 1,
        446: 1,
        637: 1,
        661: 1,
        716: 1,
        1031: 1,
        1089: 1,
        1097: 1,
        1257: 1,
        1260: 1,
        1321: 1,
        1357: 1,
    },
    "layer4.b.norm": {99: 1},
    "layer5.a.norm": {63: 1, 99: 2, 127: 1, 223: 2, 319: 1},
    "layer5.gelu": {119: 1, 372: 1, 830: 1, 923: 1, 1280: 1, 1297: 1, 1300: 1, 1302: 1},
}
"""Tensor of the graph -> channel -> exponent: the channel is divided by ``2 ** exponent``."""
