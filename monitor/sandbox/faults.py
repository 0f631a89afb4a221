"""What can be wrong with the gateway, one row a fault; the fault's name is the model's name. A new fault is a row.

A row says what becomes of an image on its way to the model, how the model answers, what is billed, or what comes
instead of a completion. Faults concern images: a request without one is served by the sound row, `sees`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from monitor.core.types import Verdict
from monitor.sandbox.losses import (
    MEGABYTE,
    Loss,
    all_but_first,
    all_but_last,
    any_image,
    if_above,
    if_in_a_tool_result,
    if_of_type,
    if_streamed,
    if_tools_are_given,
    no_image,
)
from monitor.sandbox.messages import Attachment, Problem
from monitor.sandbox.minds import (
    Mind,
    admits,
    bluffs,
    honest,
    is_filtered,
    misreads,
    quotes,
    refuses,
    swaps,
    thinks_aloud,
)

Residue = Callable[[Attachment], str]
"""The text that stands in for a lost image."""


class Pace(Enum):
    """When the reply comes."""

    AT_ONCE = auto()
    LATE = auto()
    NEVER = auto()


class Ending(Enum):
    """How a stream ends."""

    WHOLE = auto()
    CUT = auto()
    ERROR = auto()


def nothing(_attachment: Attachment) -> str:
    """The image leaves no trace."""
    return ""


def a_placeholder(_attachment: Attachment) -> str:
    """What converters without an image branch leave behind."""
    return "[image omitted]"


def its_base64(attachment: Attachment) -> str:
    """The image goes on as text."""
    return attachment.base64 or ""


@dataclass(frozen=True, slots=True)
class Fault:
    """A row. `judged`: the verdicts that a monitor may give it, in the order in which they come, by any of the checks
    of `shows_in` (all checks where there are none); to the others it is sound.

    `loses` tells which images are lost before the model, `loss_percent` the chance that a request's are at all.
    `metered`: whether images that arrive are billed. `flat_tokens`: input billed for an image whether it arrives or
    not. `echo`: the model name in the reply, None for the one asked for. `cached`: the first reply to a question is
    given again for ever. `fetches`: whether images by URL are fetched; others are lost. `ending`: that of its streams.
    `problem` or `page` (HTML, status 200) come instead of a completion.
    """

    name: str
    does: str
    judged: tuple[Verdict, ...]
    mind: Mind = honest
    loses: Loss = no_image
    loss_percent: int = 100
    leaves: Residue = nothing
    metered: bool = True
    flat_tokens: int = 0
    echo: str | None = None
    cached: bool = False
    fetches: bool = True
    ending: Ending = Ending.WHOLE
    pace: Pace = Pace.AT_ONCE
    problem: Problem | None = None
    page: str | None = None
    shows_in: tuple[str, ...] = ()

    def judged_by(self, check: str) -> tuple[Verdict, ...]:
        """The verdicts that it deserves in the check of that name."""
        return self.judged if not self.shows_in or check in self.shows_in else SOUND.judged


_GARBAGE = "<!doctype html><title>Bad gateway</title><p>An error occurred while talking to the upstream.</p>"

SOUND = Fault("sees", "reads every image", (Verdict.SEEN,))

_ROWS = (
    SOUND,
    Fault("strips", "removes the image; the model says so", (Verdict.BLIND,), admits, any_image),
    Fault("placeholder", "puts words in the image's place", (Verdict.BLIND,), quotes, any_image, leaves=a_placeholder),
    Fault("invents", "removes the image; the model makes an answer up", (Verdict.DROPPED,), bluffs, any_image),
    Fault("textifies", "sends the base64 on as text", (Verdict.TEXTIFIED,), bluffs, any_image, leaves=its_base64),
    Fault("unmetered", "bills no image tokens", (Verdict.SEEN_UNMETERED,), metered=False),
    Fault(
        "flat-usage",
        "removes the image and bills a flat estimate for it",
        (Verdict.UNSURE, Verdict.DROPPED),
        bluffs,
        any_image,
        flat_tokens=250,
    ),
    Fault(
        "substitutes",
        "gives the request to a cheaper model without eyes",
        (Verdict.SUBSTITUTED,),
        bluffs,
        any_image,
        echo="penny-text-2b",
    ),
    Fault("replays", "caches replies by their text alone", (Verdict.SEEN, Verdict.REPLAYED), cached=True),
    Fault("refuses", "the model declines on policy grounds", (Verdict.REFUSED,), refuses),
    Fault("filters", "a content filter swallows the answer", (Verdict.REFUSED,), is_filtered),
    Fault("leaks-reasoning", "lets reasoning and prose into the content", (Verdict.LEAKED,), thinks_aloud),
    Fault("misreads", "gets one symbol wrong", (Verdict.MISREAD,), misreads),
    Fault(
        "rejects-images",
        "answers 400 to any image",
        (Verdict.REJECTED,),
        problem=Problem(400, "This model does not support image input.", code="invalid_value"),
    ),
    Fault("unauthorised", "answers 401", (Verdict.DENIED,), problem=Problem(401, "Incorrect API key provided.")),
    Fault(
        "throttled",
        "answers 429 with Retry-After",
        (Verdict.THROTTLED,),
        problem=Problem(429, "Rate limit reached for requests.", retry_after_s=5),
    ),
    Fault(
        "server-error",
        "answers 500",
        (Verdict.PROVIDER_ERROR,),
        problem=Problem(500, "The server had an error while processing your request."),
    ),
    Fault(
        "error-in-200",
        "answers 200 with an error in the body",
        (Verdict.PROVIDER_ERROR,),
        problem=Problem(502, "Provider returned error", code="502", status_line=200),
    ),
    Fault("garbage", "answers 200 with a web page", (Verdict.MALFORMED,), page=_GARBAGE),
    Fault("slow", "reads every image, late", (Verdict.SEEN,), pace=Pace.LATE),
    Fault("hangs", "never answers", (Verdict.UNREACHABLE,), pace=Pace.NEVER),
    Fault(
        "intermittent-10",
        "loses one image request in ten; the model makes an answer up",
        (Verdict.SEEN, Verdict.DROPPED),
        bluffs,
        any_image,
        loss_percent=10,
    ),
    Fault(
        "stream-blind",
        "loses the image when the reply is streamed; the model makes an answer up",
        (Verdict.DROPPED,),
        bluffs,
        if_streamed,
        shows_in=("inline-stream",),
    ),
    Fault(
        "stream-cut",
        "ends a stream in the middle, without its terminal event",
        (Verdict.TRUNCATED,),
        ending=Ending.CUT,
        shows_in=("inline-stream",),
    ),
    Fault(
        "stream-error",
        "ends a stream in the middle, with an error event",
        (Verdict.PROVIDER_ERROR,),
        ending=Ending.ERROR,
        shows_in=("inline-stream",),
    ),
    Fault(
        "tool-blind",
        "loses the image in a tool's result; the model makes an answer up",
        (Verdict.DROPPED,),
        bluffs,
        if_in_a_tool_result,
        shows_in=("tool-result",),
    ),
    Fault(
        "tools-blind",
        "loses the image once tools are given; the model makes an answer up",
        (Verdict.DROPPED,),
        bluffs,
        if_tools_are_given,
        shows_in=("with-tools", "tool-result"),
    ),
    *(
        Fault(
            f"{kind}-blind",
            f"loses every {kind} without a word; the model makes an answer up",
            (Verdict.DROPPED,),
            bluffs,
            if_of_type(f"image/{kind}"),
            shows_in=(kind,),
        )
        for kind in ("jpeg", "webp", "gif")
    ),
    Fault(
        "large-blind",
        "loses images above 1 MB; the model makes an answer up",
        (Verdict.DROPPED,),
        bluffs,
        if_above(MEGABYTE),
        shows_in=("large",),
    ),
    Fault(
        "first-only",
        "keeps the first of several images",
        (Verdict.PARTIAL,),
        loses=all_but_first,
        shows_in=("pair",),
    ),
    Fault(
        "last-only",
        "keeps the last of several images",
        (Verdict.PARTIAL,),
        loses=all_but_last,
        shows_in=("pair",),
    ),
    Fault("swaps", "mixes up the order of several images", (Verdict.PARTIAL,), swaps, shows_in=("pair",)),
    Fault(
        "url-unfetched",
        "never fetches an image by its URL; the model makes an answer up",
        (Verdict.DROPPED,),
        bluffs,
        fetches=False,
        shows_in=("url",),
    ),
)

FAULTS: dict[str, Fault] = {fault.name: fault for fault in _ROWS}
