"""Who stands at a door: somebody of the staff, or whoever was given a door access."""

from dataclasses import dataclass
from typing import Any

from tickets.models import DoorAccess


@dataclass(frozen=True)
class Doorkeeper:
    """Exactly one of the two is there."""

    user: Any = None
    access: DoorAccess | None = None

    @property
    def name(self) -> str:
        if self.access is None:
            return str(self.user.get_full_name() or self.user.get_username())
        return f"{self.access.name} ({self.access.gate})" if self.access.gate else self.access.name

    @property
    def actor(self) -> Any:
        """For the history."""
        return self.access or self.user

    @property
    def gate(self) -> str:
        return self.access.gate if self.access else ""

    @property
    def can_undo(self) -> bool:
        return self.access.can_undo if self.access else bool(self.user.has_perm("tickets.undo_checkin"))
