"""Draw the feeling curve of a journey map as SVG.

Colours come from the page's style sheet by class, never from attributes, so that one drawing
serves light, dark and print. The shape of a marker and the word beside it say the same as its
colour.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from qualcode.draft import Feeling

__all__ = ["feeling_curve", "feeling_scale", "feeling_word", "signed"]

_COLUMN = 175.0
_NARROWEST = 1050.0
_HEIGHT = 184.0
_MIDDLE = _HEIGHT / 2
_UNIT = 30.0  # pixels for one step of valence; leaves room for a word beyond -2 and +2
_STRONG = 1.0  # rounded mean from which a feeling is "very"
_FELT = 0.3  # rounded mean from which there is a feeling at all
_APART = 0.5  # how far on either side two people stand who disagree


def signed(value: float) -> str:
    """Return a valence with its sign and one decimal, such as −0.4; zero has no sign."""
    rounded = round(value, 1)
    if rounded == 0:
        return "0.0"
    return f"{'+' if rounded > 0 else '−'}{abs(rounded):.1f}"


def feeling_word(mean: float, by_person: Mapping[str, float]) -> tuple[str, str, str]:
    """Return mark, word and tone (n2, n1, z, p1, p2) of a mean valence.

    The word goes by the figure that is shown, the mean rounded to one decimal, so that equal
    figures have equal words. A middle mean of people who disagree is "mixed", not "neutral".
    `feeling_scale` tells the thresholds.
    """
    shown = round(mean, 1)
    if shown <= -_STRONG:
        return "▼▼", "very unhappy", "n2"
    if shown <= -_FELT:
        return "▼", "unhappy", "n1"
    if shown < _FELT:
        values = [round(value, 1) for value in by_person.values()]
        apart = any(v <= -_APART for v in values) and any(v >= _APART for v in values)
        return "●", "mixed" if apart else "neutral", "z"
    if shown < _STRONG:
        return "▲", "pleased", "p1"
    return "▲▲", "very pleased", "p2"


def feeling_scale() -> str:
    """Return which shown figures have which word of `feeling_word`, as one sentence."""
    step = 0.1
    strong, weakest, least = _STRONG, _STRONG - step, _FELT
    middle, apart = _FELT - step, _APART
    return (
        f"very unhappy: {signed(-strong)} or below; "
        f"unhappy: {signed(-weakest)} to {signed(-least)}; "
        f"neutral: {signed(-middle)} to {signed(middle)}, but mixed where one person is at "
        f"{signed(-apart)} or below and another at {signed(apart)} or above; "
        f"pleased: {signed(least)} to {signed(weakest)}; "
        f"very pleased: {signed(strong)} or above."
    )


def feeling_curve(feelings: Sequence[Feeling], names: Sequence[str]) -> str:
    """Return the curve over all stages, one column each, as an `<svg>` element.

    Neighbouring stages with a mean are joined; a stage without evidence leaves a gap. The band
    stands only where there is an interval; elsewhere every person is a dot.

    Args:
        feelings: One per stage, in the order of the columns.
        names: The stages' names in the same order, for the text alternative.
    """
    count = len(feelings)
    if not count:
        return ""
    width = max(count * _COLUMN, _NARROWEST)
    column = width / count
    xs = [(index + 0.5) * column for index in range(count)]
    parts = [
        f'<svg class="curve" viewBox="0 0 {width:.0f} {_HEIGHT:.0f}" role="img" '
        f'aria-label="{escape(_alternative(feelings, names))}" focusable="false">',
        f'<rect class="up" width="{width:.0f}" height="{_MIDDLE:.0f}"/>',
        f'<rect class="down" y="{_MIDDLE:.0f}" width="{width:.0f}" height="{_MIDDLE:.0f}"/>',
    ]
    for value in (-2, -1, 0, 1, 2):
        kind = "zero" if value == 0 else "grid"
        y = _y(value)
        parts.append(f'<line class="{kind}" x1="0" x2="{width:.0f}" y1="{y:.1f}" y2="{y:.1f}"/>')
        label = f"+{value}" if value > 0 else str(value).replace("-", "−")
        parts.append(f'<text class="axis" x="6" y="{y - 4:.1f}">{label}</text>')
    for index in range(1, count):
        x = index * column
        parts.append(f'<line class="edge" x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{_HEIGHT:.0f}"/>')
    parts += _bands(feelings, xs)
    for run in _runs([f.mean is not None for f in feelings]):
        if len(run) > 1:
            line = _smooth([(xs[i], _y(feelings[i].mean or 0.0)) for i in run])
            parts.append(f'<path class="mean" d="{line}"/>')
    for x, feeling in zip(xs, feelings, strict=True):
        parts += _point(x, feeling)
    parts.append("</svg>")
    return "".join(parts)


def _y(value: float) -> float:
    return _MIDDLE - max(-2.0, min(2.0, value)) * _UNIT


def _runs(present: Sequence[bool]) -> list[list[int]]:
    """Group the indices of neighbouring stages that are present."""
    runs: list[list[int]] = []
    for index, here in enumerate(present):
        if here and runs and runs[-1][-1] == index - 1:
            runs[-1].append(index)
        elif here:
            runs.append([index])
    return runs


def _smooth(points: Sequence[tuple[float, float]], begin: str = "M") -> str:
    """Join points by curves that are level at each point, so none overshoots its mean."""
    path = f"{begin}{points[0][0]:.1f},{points[0][1]:.1f}"
    for (x0, y0), (x1, y1) in zip(points, points[1:], strict=False):
        half = (x0 + x1) / 2
        path += f"C{half:.1f},{y0:.1f} {half:.1f},{y1:.1f} {x1:.1f},{y1:.1f}"
    return path


def _bands(feelings: Sequence[Feeling], xs: Sequence[float]) -> list[str]:
    parts = []
    bounds = [
        (f.low, f.high) if f.mean is not None and f.low is not None and f.high is not None else None
        for f in feelings
    ]
    for run in _runs([b is not None for b in bounds]):
        low = [(xs[i], _y(b[0])) for i in run if (b := bounds[i])]
        high = [(xs[i], _y(b[1])) for i in run if (b := bounds[i])]
        if len(run) > 1:
            path = _smooth(high) + _smooth(low[::-1], begin="L") + "Z"
            parts.append(f'<path class="band" d="{path}"/>')
        else:  # a lone stage has no neighbour to span a band to
            ((x, bottom),), ((_, top),) = low, high
            parts.append(
                f'<rect class="band" x="{x - 20:.1f}" y="{top:.1f}" width="40" '
                f'height="{max(bottom - top, 1.0):.1f}" rx="3"/>'
            )
    return parts


def _point(x: float, feeling: Feeling) -> list[str]:
    if feeling.mean is None:
        return []
    y = _y(feeling.mean)
    mark, word, tone = feeling_word(feeling.mean, feeling.by_person)
    banded = feeling.low is not None and feeling.high is not None
    dots = [] if banded else _dots(x, feeling.by_person)
    parts = [f'<circle class="person" cx="{dx:.1f}" cy="{dy:.1f}" r="4"/>' for dx, dy in dots]
    parts.append(f'<path class="mark {tone}" d="{_shape(tone, x, y)}"/>')
    # Beyond the outermost dot, so that the word hides nobody.
    heights = [y, *(dy for _, dy in dots)]
    label = min(heights) - 17 if feeling.mean >= 0 else max(heights) + 27
    parts.append(f'<text class="word" x="{x:.1f}" y="{label:.1f}">{mark} {word}</text>')
    return parts


def _shape(tone: str, x: float, y: float) -> str:
    """Draw a triangle up for pleased, down for unhappy, and a circle between."""
    if tone == "z":
        return f"M{x - 8:.1f},{y:.1f}a8,8 0 1 0 16,0a8,8 0 1 0 -16,0Z"
    size = 11.0 if tone in ("n2", "p2") else 9.0
    tip = -size if tone.startswith("p") else size
    base = -tip * 0.7
    return f"M{x:.1f},{y + tip:.1f}L{x + size:.1f},{y + base:.1f}H{x - size:.1f}Z"


def _dots(x: float, by_person: Mapping[str, float]) -> list[tuple[float, float]]:
    """Place one dot a person beside the mean, people of like feeling side by side."""
    placed: list[tuple[float, float]] = []
    for _, value in sorted(by_person.items(), key=lambda item: (item[1], item[0])):
        y = _y(value)
        for step in range(2 * len(by_person)):
            side = 1 if step % 2 == 0 else -1
            dx = x + side * (20 + 10 * (step // 2))
            if all(abs(dx - px) > 9 or abs(y - py) > 9 for px, py in placed):
                break
        placed.append((dx, y))
    return placed


def _alternative(feelings: Sequence[Feeling], names: Sequence[str]) -> str:
    told = []
    for feeling, name in zip(feelings, names, strict=True):
        if feeling.mean is None:
            told.append(f"{name}: no evidence")
            continue
        _, word, _ = feeling_word(feeling.mean, feeling.by_person)
        people = "1 person" if feeling.n_people == 1 else f"{feeling.n_people} people"
        interval = ""
        if feeling.low is not None and feeling.high is not None:
            interval = f" (interval {signed(feeling.low)} to {signed(feeling.high)})"
        told.append(f"{name}: {word}, {signed(feeling.mean)}{interval}, {people}")
    return "Feeling by stage from −2 to +2. " + "; ".join(told) + "."
