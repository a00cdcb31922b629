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

LONGEST_VALUE = 500  # of other data


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

    # Day and month only: a greeting needs no age.
    birth_day = models.PositiveSmallIntegerField(_("day of birth"), null=True, blank=True)
    birth_month = models.PositiveSmallIntegerField(_("month of birth"), null=True, blank=True)

    whatsapp_consent_at = models.DateTimeField(_("agreed to WhatsApp on"), null=True, blank=True)
    whatsapp_consent_source = models.CharField(_("agreed through"), max_length=120, blank=True)
    whatsapp_consent_text = models.TextField(_("text that was shown"), blank=True)
    whatsapp_opt_out_at = models.DateTimeField(_("no more WhatsApp since"), null=True, blank=True)
    whatsapp_opt_out_source = models.CharField(_("asked through"), max_length=120, blank=True)
    whatsapp_opt_out_text = models.TextField(_("what the person said or was shown"), blank=True)
    email_consent_at = models.DateTimeField(_("agreed to e-mail on"), null=True, blank=True)
    email_consent_source = models.CharField(_("agreed through"), max_length=120, blank=True)
    email_consent_text = models.TextField(_("text that was shown"), blank=True)
    email_opt_out_at = models.DateTimeField(_("no more e-mail since"), null=True, blank=True)
    email_opt_out_source = models.CharField(_("asked through"), max_length=120, blank=True)
    email_opt_out_text = models.TextField(_("what the person said or was shown"), blank=True)

    created_at = models.DateTimeField(_("added"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        ordering = ("name", "pk")
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        permissions = [
            ("merge_contact", _("Can merge two contacts into one")),
            ("opt_out_contact", _("Can write down what contacts do not want any more, and what they want again")),
            ("export_contact", _("Can export contacts")),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(phone="") | ~Q(email=""), name="contact_can_be_reached"),
            models.CheckConstraint(condition=Q(phone="") | Q(phone__startswith="+"), name="contact_phone_is_e164"),
            models.UniqueConstraint(fields=["phone"], condition=~Q(phone=""), name="contact_phone_is_unique"),
            models.CheckConstraint(
                condition=Q(birth_day=None, birth_month=None) | Q(birth_day__range=(1, 31), birth_month__range=(1, 12)),
                name="contact_birthday_is_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["email"], condition=~Q(email=""), name="contact_by_email"),
            models.Index(fields=["-created_at"], name="contact_by_age"),
            models.Index(
                fields=["birth_month", "birth_day"], condition=Q(birth_month__isnull=False), name="contact_by_birthday"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    # A number that the plan refuses and that somebody has accepted by hand: see `accepted_numbers`.
    accepted_number = ""

    def clean(self) -> None:
        super().clean()
        if self.phone and self.phone != self.accepted_number:
            try:
                self.phone = normalize_phone(self.phone, default_country()).e164
            except BadPhone as error:
                sentence = bad_phone_sentence(error)
                raise ValidationError({"phone": ValidationError(sentence, code=error.code)}) from error
        self.email = self.email.strip().lower()
        if not self.phone and not self.email:
            raise ValidationError(_("Give a WhatsApp number, an e-mail address or both."), code="unreachable")


class PhoneAlias(models.Model):
    """Another form of a contact's number that WhatsApp or lists still use, such as Mexico's 521."""

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="phone_aliases")
    number = models.CharField(_("number"), max_length=20, unique=True)

    class Meta:
        default_permissions = ()
        verbose_name = _("other form of the number")
        verbose_name_plural = _("other forms of the number")
        constraints = [models.CheckConstraint(condition=Q(number__startswith="+"), name="phone_alias_is_international")]

    def __str__(self) -> str:
        return self.number


class Segment(models.Model):
    """A filter of contacts with a name: who is in it is asked anew each time."""

    name = models.CharField(_("name"), max_length=60, unique=True, validators=[validate_single_line])
    rules = models.JSONField(_("rules"), default=dict, blank=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("created by"),
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        ordering = ("name",)
        verbose_name = _("segment")
        verbose_name_plural = _("segments")
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="segment_has_a_name")]

    def __str__(self) -> str:
        return self.name
