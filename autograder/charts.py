"""Pictures for the class's page: SVG that stands in the page and takes its colours from it."""

import html
import math
from collections.abc import Sequence

WIDTH, HEIGHT = 360, 180
LEFT, RIGHT, TOP, BOTTOM = 12, 12, 22, 40  # margins of a histogram, in its own units


def histogram(values: Sequence[float], step: float, bins: int, what: str, unit: str,
              whole: bool = False) -> str:
    """Bars over `bins` intervals of width `step` from 0; the last takes what lies above.

    `what` names the picture for those who cannot see it, `unit` the axis. Of whole numbers the
    few in an interval stand below its bar; else the bounds of intervals are marked.
    """
    counts = [0] * bins
    for value in values:
        counts[min(bins - 1, int(value / step))] += 1
    room = (WIDTH - LEFT - RIGHT) / bins
    tall = (HEIGHT - TOP - BOTTOM) / max(1, *counts)
    marks = [_bar(LEFT + place * room, room, tall * count, count)
             for place, count in enumerate(counts)]
    marks += _axis(step, bins, room, unit, whole and step in (1, 2))
    return picture(f"{what}: {_in_words(counts, step, unit)}", WIDTH, HEIGHT, "".join(marks))


def _bar(x: float, room: float, tall: float, count: int) -> str:
    if not count:
        return ""
    y = HEIGHT - BOTTOM - tall
    return (f'<rect class="bar" x="{x + 1.5:.1f}" y="{y:.1f}" width="{room - 3:.1f}" '
            f'height="{tall:.1f}" rx="2"/>'
            f'<text class="count" x="{x + room / 2:.1f}" y="{y - 6:.1f}">{count}</text>')


def _axis(step: float, bins: int, room: float, unit: str, few: bool) -> list[str]:
    base = HEIGHT - BOTTOM
    places = range(0, bins if few else bins + 1, math.ceil(bins / 7))
    marks = [f'<path class="axis" d="M{LEFT} {base}H{WIDTH - RIGHT}"/>']
    for place in places:
        low = place * step
        text = f"{low:g}–{low + 1:g}" if step == 2 else f"{low:g}"
        x = LEFT + (place + (0.5 if few else 0)) * room
        marks.append(f'<text x="{x:.1f}" y="{base + 16}">{text}</text>')
    return [*marks, f'<text x="{WIDTH / 2}" y="{HEIGHT - 4}">{html.escape(unit)}</text>']


def _in_words(counts: list[int], step: float, unit: str) -> str:
    parts = [f"{count} from {place * step:g} to under {(place + 1) * step:g}"
             for place, count in enumerate(counts) if count]
    return f"{', '.join(parts)} {unit}"


def shares(parts: Sequence[tuple[str, int]], words: str) -> str:
    """One bar cut in proportion to counts; each part is (class of its colour, count)."""
    total = sum(count for _, count in parts) or 1
    marks, x = [], 0.0
    for name, count in parts:
        if count:
            width = 100 * count / total
            marks.append(f'<rect class="{name}" x="{x:.2f}" y="0" width="{width:.2f}" '
                         f'height="10"/>')
            x += width
    return picture(words, 100, 10, "".join(marks), 'class="share" preserveAspectRatio="none"')


def picture(words: str, width: int, height: int, marks: str, more: str = "") -> str:
    """An SVG with an alternative text."""
    return (f'<svg {more} viewBox="0 0 {width} {height}" role="img" '
            f'aria-label="{html.escape(words)}">{marks}</svg>')


def round_step(most: float, bins: int) -> float:
    """A width of 1, 2 or 5 times a power of ten that needs at most `bins` intervals."""
    if most <= 0:
        return 1.0
    power = 10 ** math.floor(math.log10(most / bins))
    return next(power * times for times in (1, 2, 5, 10) if power * times * bins >= most)
