"""How a text-only request fared: only a whole reply without an error stands for words that pass."""

from __future__ import annotations

from uuid import UUID

import pytest

from monitor.core.examine import Sent, text_twin
from monitor.core.memory import CONTROL
from monitor.core.types import Ask, Exchange, Failure, FailureKind, Puzzle, Reply, ReplyError, Twin
from tests.core.builders import NOON, exchange, target

CUT = Failure(FailureKind.CUT, "peer closed")


def _sent(wire: Exchange | None, reply: Reply | None) -> Sent:
    puzzle = Puzzle("code", seed=b"", images=(), question="Read.", expected="")
    ask = Ask("m", puzzle.question, (), cap=64, cap_parameter="auto")
    return Sent(UUID(int=1), target(), CONTROL, puzzle, 0, ask, NOON, NOON, exchange=wire, reply=reply)


@pytest.mark.parametrize(
    ("wire", "reply", "twin"),
    [
        (exchange(), Reply(text="NOIMG"), Twin.PASSED),
        (exchange(), Reply(), Twin.PASSED),
        (exchange(400), Reply(error=ReplyError("no")), Twin.CLIENT_ERROR),
        (exchange(), Reply(error=ReplyError("no")), Twin.FAILED),
        (exchange(), Reply(malformed="HTML"), Twin.FAILED),
        (exchange(200, CUT), Reply(text="NOIMG", truncated="a stream without [DONE]"), Twin.FAILED),
        (exchange(503), Reply(error=ReplyError("no")), Twin.FAILED),
        (exchange(None, CUT), None, Twin.FAILED),
        (None, None, Twin.FAILED),
    ],
)
def test_a_twin_passes_only_with_a_whole_reply(wire: Exchange | None, reply: Reply | None, twin: Twin) -> None:
    assert text_twin(_sent(wire, reply)) is twin
