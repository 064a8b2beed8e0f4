"""One request to one witness over HTTP (C2SP tlog-witness)."""

import asyncio
from typing import Final

import aiohttp

from keys.note import Signature
from mirror.config import WitnessConfig
from mirror.errors import WitnessError
from mirror.witness.errors import MalformedError
from mirror.witness.wire import (
    ADD,
    MAX_ANSWER_BYTES,
    SIZE_TYPE,
    Request,
    parse_answer,
    parse_size,
)

_OK: Final = 200
_CONFLICT: Final = 409
_SHOWN: Final = 200  # characters of a refusal


class Asker:
    """Asks one witness."""

    def __init__(self, config: WitnessConfig) -> None:
        """The one of ``config``; nothing is asked yet."""
        self._name = config.name
        self._url = f"{config.url.rstrip('/')}/{ADD}"
        self._timeout = config.timeout

    async def ask(self, request: Request) -> tuple[Signature, ...] | int:
        """Its signature lines, not checked; or the size that it cosigned last, where it says 409.

        Raises:
            WitnessError: It does not answer, refuses, or answers nonsense.
        """
        try:
            async with asyncio.timeout(self._timeout.total_seconds()):
                status, kind, body = await self._post(request.encode())
        except TimeoutError as error:
            seconds = self._timeout.total_seconds()
            raise WitnessError(self._name, f"no answer within {seconds:.0f} s") from error
        except (aiohttp.ClientError, OSError) as error:
            raise WitnessError(self._name, f"can't be reached: {error}") from error
        try:
            if status == _OK:
                return parse_answer(body)
            if status == _CONFLICT and kind == SIZE_TYPE:
                return parse_size(body)
        except MalformedError as error:
            raise WitnessError(self._name, error.problem) from error
        text = body.decode("utf-8", "replace").strip()
        shown = "".join(letter for letter in text[:_SHOWN] if letter.isprintable())
        raise WitnessError(self._name, f"refuses with status {status}: {shown}")

    async def _post(self, data: bytes) -> tuple[int, str, bytes]:
        headers = {"Content-Type": "text/plain; charset=utf-8", "User-Agent": "tamizdat"}
        async with (
            aiohttp.ClientSession(trust_env=False) as session,
            session.post(self._url, data=data, headers=headers, allow_redirects=False) as answer,
        ):
            body = await answer.content.read(MAX_ANSWER_BYTES)
            while len(body) < MAX_ANSWER_BYTES and not answer.content.at_eof():
                body += await answer.content.read(MAX_ANSWER_BYTES - len(body))
            return answer.status, answer.content_type, body
