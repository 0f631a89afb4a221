"""`probe --debug`: everything about one probe, as text: request (secrets were never in it), reply, witnesses, rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from monitor.cli.tables import printable
from monitor.config.settings import Headers
from monitor.runner import Probe

LONGEST_BODY = 2000
"""Characters of a body that are shown; images make requests long."""


def lines(probe: Probe, credentials: Mapping[str, Headers]) -> Iterator[str]:
    """The probe, witness by witness."""
    yield f"=== {probe.sent.target.id} {probe.sent.check} {probe.sent.id}"
    yield from _request(probe, credentials)
    yield from _reply(probe)
    yield from _witnesses(probe)
    result = probe.record.result
    if result is not None:
        yield f"rule: {result.rule}"
        yield f"verdict: {result.verdict} ({result.signal}): {printable(result.reason)}"


def _request(probe: Probe, credentials: Mapping[str, Headers]) -> Iterator[str]:
    request, target = probe.sent.request, probe.sent.target
    if request is None:
        return
    yield f"> {request.method} {target.base_url}{request.path}"
    for name, value in (*request.headers, *credentials.get(target.key_ref, ())):
        yield f"> {name}: {value}"
    yield f"> {_shown(request.body)}"


def _reply(probe: Probe) -> Iterator[str]:
    exchange = probe.sent.exchange
    if exchange is None:
        return
    yield f"< HTTP {exchange.status} in {exchange.elapsed_s:.3f} s"
    for name, value in exchange.headers.items():
        yield f"< {name}: {printable(value)}"
    yield f"< {_shown(exchange.body)}"
    if exchange.failure:
        yield f"< {exchange.failure.kind}: {printable(exchange.failure.detail)}"


def _witnesses(probe: Probe) -> Iterator[str]:
    finding = probe.finding
    yield f"puzzle: {probe.sent.puzzle.challenge} {finding.expected!r}, seed {probe.sent.puzzle.seed.hex()}"
    yield f"answer: {finding.answer}"
    yield f"claim: {finding.claim}"
    yield f"tokens: {finding.tokens}"
    yield f"text-only twin: {finding.twin}, control sane: {finding.control_sane}"
    yield f"replayed from: {finding.replayed_from}; garbled: {finding.garbled}; unsure before: {finding.unsure_before}"


def _shown(body: bytes) -> str:
    text = printable(body[: LONGEST_BODY * 4].decode(errors="replace"))
    return text if len(text) <= LONGEST_BODY else f"{text[:LONGEST_BODY]}… ({len(body)} bytes)"
