"""What gateways that speak HTTP have in common: one call, its limits, its key, and the answers that are none."""

import re
from abc import abstractmethod
from collections.abc import Callable, Mapping

from whatsapp.gateways.base import ErrorKind, Gateway, GatewayError, NotSent, NumberCheck, State, Status, Stopped, _
from whatsapp.gateways.http import BODY_LIMIT, Answer, File, call

STATUS_SECONDS = 15.0
RESTART_SECONDS = 30.0
CHECK_SECONDS = 15.0


def unanswered(error: GatewayError) -> NumberCheck:
    """Of a question about a number that came to nothing. An answer that nobody understands stops no message."""
    is_silence = isinstance(error, NotSent) or error.http_status is None
    return NumberCheck(None, detail=error.detail, error=error if is_silence else None)


class HttpGateway(Gateway):
    @abstractmethod
    def ask_status(self) -> Status:
        """`status` of a gateway that answers; raises GatewayError."""

    @abstractmethod
    def headers(self) -> dict[str, str]:
        """What every call carries; raises Stopped where the stored key cannot be one."""

    def status(self) -> Status:
        return answered(self.ask_status)

    def call(
        self,
        method: str,
        path: str,
        *,
        payload: object = None,
        form: Mapping[str, str] | None = None,
        files: Mapping[str, File] | None = None,
        seconds: float | None = None,
        headers: Mapping[str, str] | None = None,
        limit: int = BODY_LIMIT,
    ) -> Answer:
        """`payload` as JSON, or `form` and `files` as multipart. Raises Unreachable or OutcomeUnknown.

        `seconds` and `limit` (bytes of the answer) are for calls that are not a send.
        """
        most = self.connection.read_seconds
        return call(
            self.connection,
            method,
            path,
            payload=payload,
            form=form,
            files=files,
            headers=self.headers() | dict(headers or {}),
            read_seconds=most if seconds is None else min(most, seconds),
            limit=limit,
        )

    def key_header(self, name: str, prefix: str = "") -> dict[str, str]:
        """The stored key as a header; none where there is no key."""
        key = self.connection.api_key
        if not re.fullmatch(r"[\x21-\x7e]*", key):  # a line break here would be a header of its own
            raise Stopped(_("the key has characters that no key can have"), kind=ErrorKind.AUTH)
        return {name: prefix + key} if key else {}

    def secrets(self) -> list[str]:
        """What must never stand in a detail."""
        return [self.connection.api_key]


def answered(ask: Callable[[], Status]) -> Status:
    """What `ask` says; no answer is a state too."""
    try:
        return ask()
    except Stopped as error:
        return Status(State.AUTH_ERROR, error.detail)
    except GatewayError as error:
        return Status(State.UNREACHABLE, error.detail)
