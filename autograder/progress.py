"""How far a run is: a bar on a terminal, a line now and then in a file."""

import shutil
import sys
import time

PAUSE = 10.0  # seconds between two lines in a file
BAR = ("{desc} {percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} students, {rate_noinv_fmt}, "
       "{remaining} left")


class Progress:
    """Called with the number of submissions done and of all; the first call starts the clock."""

    def __init__(self, doing: str):
        self.doing, self.bar = doing, None
        self.started = self.said = 0.0

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if not self.started:
            self.started = self.said = now
            self.bar = _bar(self.doing, total) if sys.stderr.isatty() else None
        if self.bar is not None:
            self.bar.update(done - self.bar.n)
        elif now - self.said >= PAUSE:
            self.said = now
            print(line(self.doing, done, total, now - self.started), file=sys.stderr, flush=True)

    def close(self) -> None:
        """Leaves the bar as it is and ends its line."""
        if self.bar is not None:
            self.bar.close()


def line(doing: str, done: int, total: int, seconds: float) -> str:
    """One line of a log: how many are done, students a second, seconds left."""
    text = f"{doing}: {done} of {total} students"
    if not done:
        return text
    rate = done / seconds
    return f"{text}, {rate:.1f} a second, about {(total - done) / rate:.0f} s left"


def _bar(doing: str, total: int) -> object:
    from tqdm import tqdm

    columns, lines = shutil.get_terminal_size()  # tqdm itself shows nothing where both are 0
    return tqdm(total=total, desc=doing, unit=" students", bar_format=BAR, mininterval=0.1,
                ncols=min(100, columns), nrows=lines)
