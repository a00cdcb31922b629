"""The lists of background tasks: to look at. Doing one of them again is for whoever may change it."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django_q.admin import FailAdmin, QueueAdmin, ScheduleAdmin, TaskAdmin
from django_q.models import Failure, OrmQ, Schedule, Success, Task
from django_q.tasks import async_task

from tickets.admin.confirm import Question, ask
from tickets.admin.showing import badge
from tickets.enums import Action
from tickets.history import record

AT_ONCE = 500  # databases limit what one question may hold

admin.site.unregister([Success, Failure, Schedule])


@admin.action(description=gettext_lazy("Run again"), permissions=["change"])
def run_again(model_admin: admin.ModelAdmin, request: HttpRequest, queryset: QuerySet) -> TemplateResponse | None:
    """In place of django-q2's own, which asks for no permission and queues the same work as often as it failed."""

    @transaction.atomic
    def run(chosen: QuerySet, form: None) -> str:
        handed_over, read = 0, list[str]()
        for task in _different(chosen, read):
            calling = {"hook": task.hook, "group": task.group, "cluster": task.cluster}
            async_task(task.func, *(task.args or ()), **calling, **(task.kwargs or {}))
            handed_over += 1
        if queryset.model is Failure:  # those that were read: others may have failed since
            for start in range(0, len(read), AT_ONCE):
                Failure.objects.filter(pk__in=read[start : start + AT_ONCE]).delete()
        sentence = ngettext("%(n)d task waits for a worker now.", "%(n)d tasks wait for a worker now.", handed_over)
        return sentence % {"n": handed_over}

    question = Question(
        action="run_again",
        title=_("Run again"),
        text=_("What is the same work is done once, however often it stands in the list."),
        button=_("Run again"),
        run=run,
    )
    return ask(model_admin, request, queryset, question)


def _different(tasks: QuerySet, read: list[str]) -> Iterator[Task]:
    """One of each work; `read` gets the ids of all."""
    seen = set()
    for task in tasks.order_by("started").iterator():
        read.append(task.pk)
        work = repr((task.func, task.args, task.kwargs, task.hook, task.group, task.cluster))
        if work not in seen:
            seen.add(work)
            yield task


_LOST = gettext_lazy(
    "Campaigns and imports go on by themselves: what they miss in the queue is put there again within a minute. "
    "Tickets that were being issued in the background have to be issued again."
)


@admin.action(description=gettext_lazy("Delete"), permissions=["delete"])
def delete_selected(model_admin: admin.ModelAdmin, request: HttpRequest, queryset: QuerySet) -> TemplateResponse | None:
    """In place of Django's own, whose page lists every row and carries its id along: too many for a form."""

    @transaction.atomic
    def run(chosen: QuerySet, form: None) -> str:
        deleted = chosen.model.objects.filter(pk__in=chosen.order_by().values("pk")).delete()[0]
        record(request.user, chosen.model, Action.DELETED, after={"rows": deleted})
        return ngettext("%(n)d entry was deleted.", "%(n)d entries were deleted.", deleted) % {"n": deleted}

    question = Question(
        action="delete_selected",
        title=_("Delete"),
        text=_LOST if queryset.model is OrmQ else "",
        button=_("Delete them"),
        run=run,
        is_dangerous=True,
    )
    return ask(model_admin, request, queryset, question)


class TaskListMixin:
    actions = [run_again, delete_selected]
    list_per_page = 50
    show_full_result_count = False


@admin.register(Success)
class FinishedTaskAdmin(TaskListMixin, TaskAdmin):
    pass


@admin.register(Failure)
class FailedTaskAdmin(TaskListMixin, FailAdmin):
    pass


@admin.register(Schedule)
class TimetableAdmin(ScheduleAdmin):
    actions = None  # there are few, and without one of them campaigns stand still
    list_display = ("id", "name", "func", "schedule_type", "repeats", "next_run", "last_run_link", "went")

    @admin.display(description=gettext_lazy("last run"))
    def last_run_link(self, schedule: Any) -> str:
        return self.get_last_run(schedule) or ""

    @admin.display(description=gettext_lazy("result"))
    def went(self, schedule: Any) -> str:
        if schedule.task_success is None:
            return ""
        return badge(_("Finished"), "ok") if schedule.task_success else badge(_("Failed"), "bad")


if admin.site.is_registered(OrmQ):  # not where Redis hands tasks out
    admin.site.unregister(OrmQ)

    @admin.register(OrmQ)
    class QueuedTaskAdmin(QueueAdmin):
        actions = [delete_selected]
        fields = ("key", "lock", "task_id", "name", "func", "args", "kwargs")
        readonly_fields = ("task_id", "name", "func", "args", "kwargs")
        list_display = ("id", "key", "name", "func", "lock")
        list_per_page = 50
        show_full_result_count = False
