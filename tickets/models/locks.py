"""Wrong PINs, counted for each ticket and for each address they came from."""

from django.db import models
from django.utils import timezone


class PinLock(models.Model):
    # Of a ticket or of an address; neither is kept as such.
    key = models.CharField(max_length=64, unique=True)
    failures = models.PositiveIntegerField(default=0)
    locked_until = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["seen_at"], name="pin_lock_by_age")]

    def __str__(self) -> str:
        return f"{self.key[:8]}… {self.failures}"
