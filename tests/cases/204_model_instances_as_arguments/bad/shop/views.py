"""What the shop's staff do."""
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.shortcuts import get_object_or_404

from shop.models import Order
from shop.tasks import archive, mail_confirmation


def resend(request, pk):
    order = get_object_or_404(Order, pk=pk)
    mail_confirmation.delay(order)


def archive_old(request):
    archive.apply_async(args=[Order.objects.filter(number__lt="2")])


def resend_all():
    for order in Order.objects.all():
        mail_confirmation.apply_async((order,), countdown=5)


@receiver(post_save, sender=Order)
def on_saved(sender, instance, created, **kwargs):
    if created:
        mail_confirmation.delay(order=instance)


def as_given(order: Order) -> None:
    mail_confirmation.delay(order)
