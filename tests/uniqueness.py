"""Whether two seeds give the same puzzle more often than chance has it, over a million seeds of each challenge.

    python -m tests.uniqueness --seeds 1000000

Of n seeds, n(n - 1)/2 pairs can collide, each with chance 1/N where N puzzles are equally likely; pairs are independent
two by two, so the variance is pairs * 1/N * (1 - 1/N). Exit status 1 if the count is more than `SIGMAS` off.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from math import comb, sqrt

from monitor.challenges import REGISTRY
from monitor.challenges.drawing import MIN_SIZE

PUZZLES = {"code": 2_138_688, "digits": 1_000_000, "grid": 1_296}
"""How many puzzles each challenge has: tests/challenges/test_challenge_odds.py counts them."""

SIGMAS = 5


@dataclass(frozen=True, slots=True)
class Collisions:
    """Pairs of seeds with the same puzzle: how many there were and would be by chance, and how far off that is."""

    observed: int
    expected: float
    sigmas: float


def collisions(answers: Iterable[str], possible: int) -> Collisions:
    """Those among `answers`, where `possible` ones are equally likely."""
    counts = Counter(answers)
    pairs, observed = comb(counts.total(), 2), sum(comb(count, 2) for count in counts.values())
    expected = pairs / possible
    return Collisions(observed, expected, (observed - expected) / sqrt(expected * (1 - 1 / possible)))


def answers(challenge: str, seeds: int) -> Iterable[str]:
    """What is to be read in the puzzles of the first `seeds` seeds; the smallest canvas costs next to nothing."""
    make = REGISTRY[challenge].make
    return (make(number.to_bytes(32, "big"), MIN_SIZE).expected for number in range(seeds))


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.uniqueness")
    parser.add_argument("--seeds", type=int, default=1_000_000)
    seeds = parser.parse_args(arguments).seeds
    status = 0
    for challenge, possible in PUZZLES.items():
        found = collisions(answers(challenge, seeds), possible)
        status |= abs(found.sigmas) > SIGMAS
        sys.stdout.write(
            f"{challenge:6} {seeds:,} seeds, {possible:,} puzzles: {found.observed:,} pairs collide, "
            f"{found.expected:,.0f} by chance ({found.sigmas:+.2f} sigma)\n"
        )
        sys.stdout.flush()
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
