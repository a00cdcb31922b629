from itertools import islice

from django.db import migrations

from tickets.phones import other_forms

AT_ONCE = 500


def fill(apps, schema_editor):
    """The other forms of the numbers that are there; one that is somebody's own number belongs to nobody."""
    using = schema_editor.connection.alias
    contacts = apps.get_model("tickets", "Contact").objects.using(using)
    aliases = apps.get_model("tickets", "PhoneAlias")
    with_forms = (
        contacts.filter(phone__startswith="+52") | contacts.filter(phone__startswith="+54")
    ) | contacts.filter(phone__startswith="+55")
    rows = with_forms.order_by("pk").values_list("pk", "phone").iterator(chunk_size=AT_ONCE)
    while some := list(islice(rows, AT_ONCE)):
        wanted = {form: pk for pk, phone in some for form in other_forms(phone)}
        taken, forms = set(), list(wanted)
        for start in range(0, len(forms), AT_ONCE):
            part = forms[start : start + AT_ONCE]
            taken.update(contacts.filter(phone__in=part).values_list("phone", flat=True))
        found = [aliases(contact_id=pk, number=form) for form, pk in wanted.items() if form not in taken]
        aliases.objects.using(using).bulk_create(found, ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [("tickets", "0005_door")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
