from config.admin.groups import StaffGroupAdmin
from config.admin.tasks import FailedTaskAdmin, FinishedTaskAdmin, TimetableAdmin
from config.admin.users import StaffAdmin

__all__ = ["FailedTaskAdmin", "FinishedTaskAdmin", "StaffAdmin", "StaffGroupAdmin", "TimetableAdmin"]
