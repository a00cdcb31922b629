"""Those who send the same letters: the product, two packages, and a loop that keeps no record."""

from dataclasses import dataclass
from typing import Any, ClassVar

from benchmarks.databases import PRODUCT
from benchmarks.places import SCRATCH
from benchmarks.processes import run_job
from benchmarks.servers import MailSink


@dataclass(frozen=True)
class Contender:
    """How to queue letters and how to send them, each in a process of its own."""

    connections: int = 1
    settings: ClassVar[str] = PRODUCT

    def queue(self, url: str, letters: int) -> None:
        """Write what is to be sent; not measured."""

    def job(self, letters: int) -> tuple[str, dict[str, Any]]:
        """The job that sends, and its arguments."""
        raise NotImplementedError

    def env(self, sink: MailSink) -> dict[str, str]:
        return {"DJANGO_SETTINGS_MODULE": self.settings, "EMAIL_URL": sink.url}

    def send(self, url: str, sink: MailSink, letters: int) -> dict[str, Any]:
        job, arguments = self.job(letters)
        return run_job(job, url, self.env(sink), **arguments)


@dataclass(frozen=True)
class Pregonero(Contender):
    def __str__(self) -> str:
        return "Pregonero"

    def queue(self, url: str, letters: int) -> None:
        run_job("seed:campaign", url, messages=letters, channels="email")

    def job(self, letters: int) -> tuple[str, dict[str, Any]]:
        return "sending:drain", {}

    def env(self, sink: MailSink) -> dict[str, str]:
        # A short lease, so that nobody waits long for what was killed.
        own = {"EMAIL_LANES": "1", "EMAIL_CONNECTIONS": str(self.connections), "LEASE_SECONDS": "3"}
        return super().env(sink) | own


@dataclass(frozen=True)
class PostOffice(Contender):
    """`connections` threads in each process, one connection for each thread."""

    processes: int = 1
    batch: int = 100
    settings: ClassVar[str] = "benchmarks.settings_post_office"

    def __str__(self) -> str:
        processes = f", {self.processes} processes" if self.processes > 1 else ""
        return f"django-post_office, batches of {self.batch}{processes}"

    def queue(self, url: str, letters: int) -> None:
        run_job("peers:post_office_queue", url, {"DJANGO_SETTINGS_MODULE": self.settings}, messages=letters)

    def job(self, letters: int) -> tuple[str, dict[str, Any]]:
        lock = str(SCRATCH / "post_office")
        return "peers:timed", {"work": "post_office_send", "lock": lock, "processes": self.processes}

    def env(self, sink: MailSink) -> dict[str, str]:
        return super().env(sink) | {"PEER_BATCH": str(self.batch), "PEER_THREADS": str(self.connections)}


@dataclass(frozen=True)
class DjangoMailer(Contender):
    settings: ClassVar[str] = "benchmarks.settings_django_mailer"

    def __str__(self) -> str:
        return "django-mailer"

    def queue(self, url: str, letters: int) -> None:
        run_job("peers:mailer_queue", url, {"DJANGO_SETTINGS_MODULE": self.settings}, messages=letters)

    def job(self, letters: int) -> tuple[str, dict[str, Any]]:
        return "peers:timed", {"work": "mailer_send"}


@dataclass(frozen=True)
class BareLoop(Contender):
    def __str__(self) -> str:
        return "bare loop, no record"

    def job(self, letters: int) -> tuple[str, dict[str, Any]]:
        return "peers:timed", {"work": "bare_loop", "messages": letters}
