"""What is sold."""
from django.db import models


class Timestamped(models.Model):
    """Knows when it was made."""

    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True


class Order(Timestamped):
    """An order."""

    number = models.CharField(max_length=20)

    def confirm(self) -> None:
        from shop.tasks import mail_confirmation

        mail_confirmation.delay(self)
