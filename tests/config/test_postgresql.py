"""What the settings ask of PostgreSQL."""

import pytest
from django.db import connection


@pytest.mark.django_db
def test_questions_are_not_compiled():
    if connection.vendor != "postgresql":
        pytest.skip("asks PostgreSQL")
    with connection.cursor() as cursor:
        cursor.execute("SHOW jit")
        assert cursor.fetchone() == ("off",)
