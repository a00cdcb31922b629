"""The same moment with settings, or with a number, that nobody has saved yet: to say what a change would do."""

from copy import copy
from functools import cached_property

from campaigns import installation
from campaigns.lanes import heaviest_of
from campaigns.limits import RunLimits
from campaigns.models import Lane
from campaigns.queues import Queues
from campaigns.scene import CallTimes, Scene
from whatsapp.models import Sender, SendingSettings


class Supposed(Scene):
    """Whatever is not supposed is as in the real scene, and asked for there."""

    def __init__(self, scene: Scene, *, settings: SendingSettings | None = None, sender: Sender | None = None):
        super().__init__(scene.now)
        self._scene, self._settings, self._sender = scene, settings, sender

    @cached_property
    def limits(self) -> RunLimits:
        return RunLimits(self._settings or self._scene.limits.settings, heaviest_of(self.lanes))

    @cached_property
    def _lanes(self) -> tuple[list[Lane], frozenset[int]]:
        lanes = self._scene.lanes
        return [self._supposed(lane) for lane in lanes], frozenset(
            lane.pk for lane in lanes if self._scene.is_busy(lane)
        )

    def _supposed(self, lane: Lane) -> Lane:
        """A copy: the scene is shared by the whole page."""
        if self._sender is None or lane.sender_id != self._sender.pk:
            return lane
        twin = copy(lane)
        twin.sender = self._sender
        return twin

    @property
    def _queues(self) -> Queues:
        return self._scene._queues

    @property
    def mailboxes(self) -> dict[int, int]:
        return self._scene.mailboxes

    @property
    def known(self) -> installation.Known:
        return self._scene.known

    def call_times(self, channel: str) -> CallTimes:
        return self._scene.call_times(channel)
