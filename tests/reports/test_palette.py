"""Colours can be told apart on paper, and by people who do not see all of them."""

from itertools import combinations

import numpy as np
import pytest

from reports.palette import HIGHLIGHTS, PAPER, SERIES, contrast, ink_on

# What the eye makes of linear red, green and blue without one kind of cone (Machado, Oliveira and Fernandes, 2009).
EYES = {
    "usual": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "no red": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "no green": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.01182, 0.04294, 0.968881],
    ],
    "no blue": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.3039],
    ],
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = np.array([0.9505, 1.0, 1.089])
APART = 14  # of CIELAB's distance, where 2.3 is just seen


def lab(colour: str, eye: str) -> np.ndarray:
    shares = np.array([int(colour[place : place + 2], 16) for place in (0, 2, 4)]) / 255
    linear = np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)
    xyz = TO_XYZ @ np.clip(np.array(EYES[eye]) @ linear, 0, 1) / WHITE
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("eye", EYES)
def test_series_are_told_apart_by_every_eye(eye: str) -> None:
    for one, other in combinations(SERIES, 2):
        assert np.linalg.norm(lab(one, eye) - lab(other, eye)) >= APART, (one, other)


def test_series_stand_out_from_paper() -> None:
    assert min(contrast(colour, PAPER) for colour in SERIES) >= 3


def test_text_can_be_read_on_every_ground() -> None:
    assert min(contrast(ink_on(colour), colour) for colour in SERIES) >= 4
    assert min(contrast(text, ground) for text, ground in HIGHLIGHTS.values()) >= 4.5
