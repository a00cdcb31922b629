"""The back door of a fake: `/_fake/…` sets its modes, tells what happened, and has it post."""

from dataclasses import fields
from typing import Any

from tests.gateways.postman import Postman
from tests.gateways.posts.base import Hook, NothingLikeIt, ask
from tests.gateways.traps import TRAPS
from tests.gateways.wire import Answer, Request, say
from tests.gateways.world import World

PREFIX = "/_fake/"


class Control:
    def __init__(self, world: World, postman: Postman, own_traps: set[str]):
        self.world, self.postman, self.own_traps = world, postman, own_traps
        self.first_hook = postman.hook

    def answer(self, request: Request) -> Answer:
        doors = {
            ("GET", "state"): self.state,
            ("POST", "reset"): self.reset,
            ("POST", "modes"): self.modes,
            ("POST", "hook"): self.hook,
            ("POST", "post"): self.post,
            ("POST", "ask"): self.ask,
        }
        door = doors.get((request.method, request.path.removeprefix(PREFIX)))
        if door is None:
            return say(404, {"error": "no such door"})
        try:
            return say(200, door(request.fields()))
        except NothingLikeIt:
            return say(404, {"error": "this gateway posts nothing of the kind"})
        except (ValueError, TypeError, LookupError) as error:
            return say(400, {"error": f"{type(error).__name__}: {error}"})

    def state(self, said: dict[str, Any]) -> object:
        return self.world.state()

    def reset(self, said: dict[str, Any]) -> object:
        self.world.reset(**said)
        self.postman.hook = self.first_hook
        return self.world.state()

    def modes(self, said: dict[str, Any]) -> object:
        if (trap := said.get("trap")) and trap not in TRAPS and trap not in self.own_traps:
            raise ValueError(f"no such trap: {trap}")
        with self.world.lock:
            self.world.modes = self.world.modes.changed(said)
        return self.world.state()

    def hook(self, said: dict[str, Any]) -> object:
        self.postman.hook = Hook(**{each.name: said[each.name] for each in fields(Hook) if each.name in said})
        return {}

    def ask(self, said: dict[str, Any]) -> object:
        """Whether the address is that of somebody who knows the token."""
        question = self.postman.posts.question(**said)
        status, text = ask(self.postman.hook, question)
        return {"status": status, "is_right": text == question["hub.challenge"]}

    def post(self, said: dict[str, Any]) -> object:
        """`what`, its own words, and `times` or another `secret`."""
        how = {name: said.pop(name) for name in ("times", "secret") if name in said}
        return {"answers": self.postman.deliver(said.pop("what", ""), said, **how)}
