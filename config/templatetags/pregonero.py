"""Small parts that every template may use."""

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """An icon of the sprite. It says nothing to a screen reader: a word always stands beside it."""
    return format_html(
        '<svg class="p-icon {}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        css,
        static("pregonero/icons.svg"),
        name,
    )
