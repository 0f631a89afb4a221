"""How long a target asks to be left alone: Gemini's RetryInfo in the body, `retry-after-ms` and `retry-after` else.

Last comes what the message says: a gateway whose deployments have a rest (LiteLLM, "Try again in 5 seconds") and
OpenAI's rate limits ("Please try again in 20s") name the delay in words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from monitor.core.types import utc

LONGEST = timedelta(days=1)
"""A longer wait is taken for this one: nobody means a week, and a typo must not silence a target."""

_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)s", re.ASCII)
_WORDS = re.compile(r"\btry again in (\d{1,9}(?:\.\d{1,9})?) ?(ms|s|seconds?)\b", re.ASCII | re.IGNORECASE)
_NUMBER = re.compile(r"\d{1,12}(?:\.\d{1,9})?", re.ASCII)


def retry_info(errors_details: Any) -> timedelta | None:
    """`retryDelay` ("34.07s") of the google.rpc.RetryInfo among an error's `details`."""
    for detail in errors_details if isinstance(errors_details, list) else ():
        delay = detail.get("retryDelay") if isinstance(detail, dict) else None
        if isinstance(delay, str) and (match := _DURATION.fullmatch(delay)):
            return _delay(float(match[1]))
    return None


def retry_header(headers: Mapping[str, str]) -> timedelta | None:
    """What the headers ask for: milliseconds, seconds, or a date, which counts from the answer's own `date`."""
    milliseconds = headers.get("retry-after-ms", "").strip()
    if _NUMBER.fullmatch(milliseconds):
        return _delay(float(milliseconds) / 1000)
    value = headers.get("retry-after", "").strip()
    return _delay(float(value)) if _NUMBER.fullmatch(value) else _until(value, headers.get("date", ""))


def retry_words(message: str) -> timedelta | None:
    """The delay in "try again in 5 seconds", "… 20s" or "… 340ms"."""
    match = _WORDS.search(message)
    if match is None:
        return None
    return _delay(float(match[1]) / (1000 if match[2].lower() == "ms" else 1))


def _until(moment: str, now: str) -> timedelta | None:
    try:
        seconds = (utc(parsedate_to_datetime(moment)) - utc(parsedate_to_datetime(now))).total_seconds()
    except (ValueError, OverflowError):  # no date, one without a zone, or one at the end of time
        return None
    return _delay(max(0.0, seconds))


def _delay(seconds: float) -> timedelta:
    return timedelta(seconds=min(seconds, LONGEST.total_seconds()))
