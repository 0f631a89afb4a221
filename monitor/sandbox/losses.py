"""Which images a fault loses on their way to the model: predicates over one image of a request, for the fault table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from monitor.sandbox.messages import Attachment, Prompt

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Passage:
    """One image of a request on its way; `place` counts the request's images from 0."""

    prompt: Prompt
    place: int

    @property
    def attachment(self) -> Attachment:
        """The image itself."""
        return self.prompt.attachments[self.place]


Loss = Callable[[Passage], bool]


def no_image(_passage: Passage) -> bool:
    """Every image arrives."""
    return False


def any_image(_passage: Passage) -> bool:
    """None arrives."""
    return True


def if_streamed(passage: Passage) -> bool:
    """The streaming code path is another one, and it forgets images."""
    return passage.prompt.streams


def if_in_a_tool_result(passage: Passage) -> bool:
    """The converter of tool results knows text only."""
    return passage.attachment.in_tool_result


def if_tools_are_given(passage: Passage) -> bool:
    """The prompt template for tools has no place for images."""
    return passage.prompt.gives_tools


def if_of_type(media_type: str) -> Loss:
    """The decoder behind the gateway does not know `media_type`, and nobody says so."""
    return lambda passage: passage.attachment.media_type == media_type


def if_above(limit: int) -> Loss:
    """Images of more than `limit` bytes are discarded."""
    return lambda passage: len((passage.attachment.base64 or "").rstrip("=")) * 3 // 4 > limit


def all_but_first(passage: Passage) -> bool:
    """Only one image is kept, and the first one wins."""
    return passage.place > 0


def all_but_last(passage: Passage) -> bool:
    """Each image overwrites the one before."""
    return passage.place < len(passage.prompt.attachments) - 1
