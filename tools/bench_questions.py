"""Seconds to draw 10,000 images of each question: `python tools/bench_questions.py [SIZE]`."""

import sys
import time

from attnlab.questions import QUESTIONS, draw


def main(size: int = 32) -> None:
    """Print the best of three draws of every question."""
    for question in QUESTIONS:
        seconds = []
        for seed in range(3):
            start = time.perf_counter()
            draw(question, 10_000, seed, size)
            seconds.append(time.perf_counter() - start)
        print(f"{question:8} {min(seconds):6.2f} s for 10,000 images of {size} pixels")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
