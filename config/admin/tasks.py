"""The lists of background tasks: to look at. Doing one of them again is for whoever may change it."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django_q.admin import FailAdmin, QueueAdmin, ScheduleAdmin, TaskAdmin, resubmit_task
from django_q.models import Failure, OrmQ, Schedule, Success

from tickets.admin.showing import badge

admin.site.unregister([Success, Failure, Schedule])


@admin.action(description=_("Run again"), permissions=["change"])
def run_again(model_admin: Any, request: HttpRequest, queryset: QuerySet) -> None:
    """django-q2's own action asks nobody's permission."""
    resubmit_task(model_admin, request, queryset)


class TaskListMixin:
    actions = [run_again]
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
    list_display = ("id", "name", "func", "schedule_type", "repeats", "next_run", "last_run_link", "went")

    @admin.display(description=_("last run"))
    def last_run_link(self, schedule: Any) -> str:
        return self.get_last_run(schedule) or ""

    @admin.display(description=_("result"))
    def went(self, schedule: Any) -> str:
        if schedule.task_success is None:
            return ""
        return badge(_("Finished"), "ok") if schedule.task_success else badge(_("Failed"), "bad")


if admin.site.is_registered(OrmQ):  # not where Redis hands tasks out
    admin.site.unregister(OrmQ)

    @admin.register(OrmQ)
    class QueuedTaskAdmin(QueueAdmin):
        fields = ("key", "lock", "task_id", "name", "func", "args", "kwargs")
        readonly_fields = ("task_id", "name", "func", "args", "kwargs")
        list_display = ("id", "key", "name", "func", "lock")
