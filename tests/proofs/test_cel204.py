from __future__ import annotations

import pytest
from kombu.exceptions import EncodeError

from tests.proofs.harness import Proof

HEAD = """
    import dataclasses
    from celery import shared_task
    from django.db import connection, models
    from django.db.models.signals import post_save, post_delete
    from django.dispatch import receiver
    from django.http import HttpRequest
    from django.shortcuts import get_object_or_404

    class Shelf(models.Model):
        class Meta:
            app_label = "{label}"

        name = models.CharField(max_length=9)
        objects = models.Manager()

        def move(self):
            count.delay(self)

    @dataclasses.dataclass
    class Place:
        row: int = 1

    @shared_task
    def count(*args, **kwargs):
        return len(args)

    with connection.schema_editor() as editor:
        editor.create_model(Shelf)
    Shelf.objects.create(name="a")
    Shelf.objects.create(name="b")
"""
BODIES = {
    "get": "shelf = Shelf.objects.get(name='a')\ncount.delay(shelf)",
    "first": "count.delay(shelf=Shelf.objects.filter(name='a').order_by('pk').first())",
    "create": "shelf = Shelf.objects.create(name='c')\ncount.apply_async((1, shelf))",
    "get_or_create": "shelf, new = Shelf.objects.get_or_create(name='a')\ncount.delay(shelf)",
    "pair": "count.delay(Shelf.objects.update_or_create(name='a')[0])",
    "constructor": "shelf = Shelf(name='d')\nshelf.save()\ncount.delay([shelf])",
    "shortcut": "count.delay(get_object_or_404(Shelf, name='a'))",
    "query": "shelves = Shelf.objects.filter(name='a')\nshelves = shelves.exclude(pk=0)\n"
    "count.delay(shelves)",
    "values": "count.delay(Shelf.objects.values_list('pk', flat=True))",
    "item": "count.delay(Shelf.objects.all()[0])",
    "slice": "count.apply_async(kwargs={'shelves': Shelf.objects.all()[:2]})",
    "list": "count.delay(list(Shelf.objects.all()))",
    "comprehension": "count.delay([shelf for shelf in Shelf.objects.all()])",
    "loop": "for shelf in Shelf.objects.all():\n    count.delay(shelf)",
    "iterator": "for n, shelf in enumerate(Shelf.objects.iterator()):\n    count.delay(n, shelf)",
    "signatures": "from celery import group\n"
    "group(count.s(shelf) for shelf in Shelf.objects.all()).delay()",
    "or": "count.delay(Shelf.objects.filter(name='z').first() or Shelf.objects.first())",
    "self": "Shelf.objects.first().move()",
    "manager": "count.delay(Shelf.objects)",
}


def body(source: str) -> str:
    lines = "\n".join(f"        {line}" for line in source.splitlines())
    return f"\n    def later():\n{lines}\n"


def silenced(head: str) -> str:
    """Without the line of `move`, which is told whatever the rest says."""
    return head.replace("count.delay(self)", "count.delay(self.pk)")


@pytest.mark.parametrize("name", BODIES)
def test_bad(proof: Proof, database: None, name: str) -> None:
    head = HEAD.format(label=name)
    head = head if name == "self" else silenced(head)
    module = proof.bad(head + body(BODIES[name]))
    try:
        with pytest.raises(EncodeError):
            module.later()
    finally:
        drop(module)
    assert proof.published() == []


def drop(module: object) -> None:
    from django.db import connection

    with connection.schema_editor() as editor:
        editor.delete_model(module.Shelf)  # type: ignore[attr-defined]


def test_annotated(proof: Proof, database: None) -> None:
    source = """
    def shelve(shelf: Shelf | None, shelves: "list[Shelf]" = ()):
        count.delay(shelf)
        count.delay(shelves)

    def put(place: Place):
        count.delay(place)

    def see(asked: HttpRequest):
        count.delay(asked)
    """
    module = proof.bad(silenced(HEAD.format(label="annotated")) + source, 4)
    shelf = module.Shelf.objects.first()
    for call in (
        lambda: module.shelve(shelf),
        lambda: module.put(module.Place()),
        lambda: module.see(module.HttpRequest()),
    ):
        with pytest.raises(EncodeError):
            call()
    drop(module)


def test_receivers(proof: Proof, database: None) -> None:
    source = """
    @receiver(post_save, sender=Shelf)
    def saved(sender, instance, **kwargs):
        count.delay(instance)

    def gone(sender, instance, **kwargs):
        count.delay(instance)

    post_delete.connect(gone, sender=Shelf)
    """
    module = proof.bad(silenced(HEAD.format(label="receivers")) + source, 2)
    shelf = module.Shelf.objects.first()
    with pytest.raises(EncodeError):
        shelf.save()
    with pytest.raises(EncodeError):
        shelf.delete()
    drop(module)


def test_good(proof: Proof, database: None) -> None:
    source = """
    def later():
        shelf = Shelf.objects.get(name="a")
        count.delay(shelf.pk, shelf.name, shelf=shelf.pk)
        count.delay(list(Shelf.objects.values_list("pk", flat=True)))
        count.delay(Shelf.objects.count(), [each.pk for each in Shelf.objects.all()])
        for pk in Shelf.objects.values_list("pk", flat=True).distinct().iterator():
            count.delay(pk)
        for row in Shelf.objects.filter(name="a").values("name"):
            count.delay(row)
        count.delay(Shelf.objects.values("name").first())
        count.apply((shelf,))
        count(shelf)

    def either(shelf: Shelf | int):
        count.delay(shelf)
    """
    module = proof.good(silenced(HEAD.format(label="good")) + source)
    module.later()
    module.either(1)
    assert len(proof.published()) == 8
    drop(module)


def test_pickle(proof: Proof, database: None) -> None:
    proof.app.conf.accept_content = ["json", "pickle"]
    source = silenced(HEAD.format(label="pickled"))
    source += body("count.apply_async((Shelf.objects.first(),), serializer='pickle')")
    module = proof.good(source)
    module.later()
    assert len(proof.published()) == 1
    drop(module)
