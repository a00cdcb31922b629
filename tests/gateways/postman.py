"""Posts what the gateway has to report, when it is told to or by itself for each message that arrives."""

import threading
from dataclasses import replace
from typing import Any

from tests.gateways.posts.base import Hook, NothingLikeIt, Posts, post
from tests.gateways.world import Arrived, World


class Postman:
    def __init__(self, posts: Posts, world: World, hook: Hook):
        self.posts, self.world, self.hook = posts, world, hook

    def bodies(self, what: str, said: dict[str, Any]) -> list[object]:
        """Raises NothingLikeIt, and LookupError for a message that never arrived."""
        if what in ("receipt", "own_message"):
            said = said | {"message": self.world.find(said["message"])}
        makers = {
            "receipt": self.posts.receipt,
            "reply": self.posts.reply,
            "session_state": self.posts.session_state,
            "own_message": self.posts.own_message,
            "wish": self.posts.wish,
            "template": self.posts.template,
        }
        if what not in makers:
            raise NothingLikeIt
        return makers[what](**said)

    def deliver(self, what: str, said: dict[str, Any], *, times: int = 1, secret: str | None = None) -> list[int]:
        """The HTTP statuses of the answers. `secret`: another one than is right."""
        hook = self.hook if secret is None else replace(self.hook, secret=secret)
        answers = [post(hook, self.posts, body) for body in self.bodies(what, said) for _ in range(times)]
        with self.world.lock:
            self.world.posts += [{"what": what, "http": answer} for answer in answers]
        return answers

    def report(self, messages: list[Arrived], is_early: bool) -> None:
        """The receipts that a mode asks for, in their order."""
        modes = self.world.modes
        if not messages or not self.hook.url or is_early is not modes.is_early:
            return
        receipts = [(message.id, status) for message in messages for status in modes.receipts]
        if is_early:
            self._walk(receipts)
        else:
            threading.Thread(target=self._walk, args=(receipts,), daemon=True).start()

    def _walk(self, receipts: list[tuple[str, str]]) -> None:
        for message_id, status in receipts:
            self.deliver("receipt", {"message": message_id, "status": status})
