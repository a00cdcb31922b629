"""The people, and the tags that group them."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tickets.countries import default_country
from tickets.phone_messages import bad_phone_sentence
from tickets.phones import BadPhone, normalize_phone
from tickets.validators import validate_single_line


class Tag(models.Model):
    class Color(models.TextChoices):
        GREY = "grey", _("Grey")
        BLUE = "blue", _("Blue")
        GREEN = "green", _("Green")
        AMBER = "amber", _("Amber")
        RED = "red", _("Red")
        PURPLE = "purple", _("Purple")

    name = models.CharField(_("name"), max_length=60, unique=True, validators=[validate_single_line])
    color = models.CharField(_("colour"), max_length=10, choices=Color, default=Color.BLUE)

    class Meta:
        ordering = ("name",)
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="tag_has_a_name")]

    def __str__(self) -> str:
        return self.name


class Contact(models.Model):
    """One person: a canonical number, an e-mail address or both, and what they allowed on each channel."""

    name = models.CharField(_("name"), max_length=150, validators=[validate_single_line])
    nickname = models.CharField(
        _("nickname"),
        max_length=60,
        blank=True,
        validators=[validate_single_line],
        help_text=_("How this person likes to be addressed. Empty: the first name is used."),
    )
    phone = models.CharField(
        _("WhatsApp number"),
        max_length=20,
        blank=True,
        help_text=_("With the country code, for example +57 300 000 0001."),
    )
    email = models.EmailField(_("e-mail"), blank=True)
    tags = models.ManyToManyField(Tag, verbose_name=_("tags"), blank=True, related_name="contacts")
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES, default="es")
    attributes = models.JSONField(
        _("other data"),
        default=dict,
        blank=True,
        help_text=_("Extra columns of your lists. Each one can be used in a message by its name, for example {mesa}."),
    )

    whatsapp_consent_at = models.DateTimeField(_("agreed to WhatsApp on"), null=True, blank=True)
    whatsapp_consent_source = models.CharField(_("agreed through"), max_length=120, blank=True)
    whatsapp_consent_text = models.TextField(_("text that was shown"), blank=True)
    whatsapp_opt_out_at = models.DateTimeField(_("no more WhatsApp since"), null=True, blank=True)
    whatsapp_opt_out_source = models.CharField(_("asked through"), max_length=120, blank=True)
    email_consent_at = models.DateTimeField(_("agreed to e-mail on"), null=True, blank=True)
    email_consent_source = models.CharField(_("agreed through"), max_length=120, blank=True)
    email_consent_text = models.TextField(_("text that was shown"), blank=True)
    email_opt_out_at = models.DateTimeField(_("no more e-mail since"), null=True, blank=True)
    email_opt_out_source = models.CharField(_("asked through"), max_length=120, blank=True)

    created_at = models.DateTimeField(_("added"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        ordering = ("name", "pk")
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        permissions = [
            ("merge_contact", _("Can merge two contacts into one")),
            ("opt_out_contact", _("Can write down what contacts do not want any more, and what they want again")),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(phone="") | ~Q(email=""), name="contact_can_be_reached"),
            models.CheckConstraint(condition=Q(phone="") | Q(phone__startswith="+"), name="contact_phone_is_e164"),
            models.UniqueConstraint(fields=["phone"], condition=~Q(phone=""), name="contact_phone_is_unique"),
        ]
        indexes = [
            models.Index(fields=["email"], condition=~Q(email=""), name="contact_by_email"),
            models.Index(fields=["-created_at"], name="contact_by_age"),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        if self.phone:
            try:
                self.phone = normalize_phone(self.phone, default_country()).e164
            except BadPhone as error:
                sentence = bad_phone_sentence(error)
                raise ValidationError({"phone": ValidationError(sentence, code=error.code)}) from error
        self.email = self.email.strip().lower()
        if not self.phone and not self.email:
            raise ValidationError(_("Give a WhatsApp number, an e-mail address or both."), code="unreachable")
