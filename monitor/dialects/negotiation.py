"""The same ask in another form, for a dialect in which servers disagree on the form. Learned from a refusal, once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from monitor.core.types import Ask, Reply
from monitor.dialects.openai_chat import cap_parameter_refused, other_cap_parameter


def _other_cap_parameter(ask: Ask, reply: Reply) -> Ask | None:
    if not cap_parameter_refused(reply, ask.cap_parameter):
        return None
    return replace(ask, cap_parameter=other_cap_parameter(ask.cap_parameter))


NEGOTIABLE: Mapping[str, Callable[[Ask, Reply], Ask | None]] = {"openai-chat": _other_cap_parameter}


def renegotiated(dialect: str, ask: Ask, reply: Reply) -> Ask | None:
    """What to send instead, if `reply` refused only the form of `ask`; None if there is nothing else to try."""
    negotiate = NEGOTIABLE.get(dialect)
    return negotiate(ask, reply) if negotiate else None
