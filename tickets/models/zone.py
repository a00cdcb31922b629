"""The time zone of something: timezone_field's, whose form offers the zones of our users first."""

from typing import Any

from timezone_field import TimeZoneField

from tickets.zones import ZoneChoices


class ZoneField(TimeZoneField):
    """To migrations it is one of timezone_field's."""

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, _path, args, kwargs = super().deconstruct()
        return name, "timezone_field.fields.TimeZoneField", args, kwargs

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"choices": ZoneChoices(), **kwargs})
