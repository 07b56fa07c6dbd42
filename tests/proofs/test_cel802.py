from __future__ import annotations

from pathlib import Path

import pytest

from flake8_celery.linter import lint
from flake8_celery.options import Options
from tests.proofs.harness import Proof


def test_on_the_application(proof: Proof) -> None:
    module = proof.bad(
        """
        from celery import Celery

        app = Celery("shop")
        app.conf.CELERY_TASK_ACKS_LATE = True
        """
    )
    assert not module.app.conf.task_acks_late


CLASS = """
    from celery import Celery

    class Config:
        {name} = True

    app = Celery("shop")
    app.config_from_object(Config, {more})
    """


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("CELERY_TASK_ACKS_LATE", ""),
        ("TASK_ACKS_LATE", ""),
        ("TASK_ACKS_LATE", "namespace='CELERY'"),
    ],
)
def test_never_read(proof: Proof, name: str, more: str) -> None:
    module = proof.bad(CLASS.format(name=name, more=more))
    assert not module.app.conf.task_acks_late


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("task_acks_late", ""),
        ("CELERY_TASK_ACKS_LATE", "namespace='CELERY'"),
        ("CELERY_TASK_ACKS_LATE", "namespace='CELERY_'"),
        ("task_acks_late", "namespace='CELERY'"),
    ],
)
def test_good(proof: Proof, name: str, more: str) -> None:
    module = proof.good(CLASS.format(name=name, more=more))
    assert module.app.conf.task_acks_late is True


def test_lower_case_namespace(proof: Proof) -> None:
    from django.conf import settings

    if not settings.configured:
        settings.configure()
    settings.CELERY_TASK_ACKS_LATE = True
    source = """
        from celery import Celery

        app = Celery("shop")
        app.config_from_object("django.conf:settings", namespace="{name}")
        """
    try:
        assert not proof.bad(source.format(name="celery")).app.conf.task_acks_late
        assert proof.good(source.format(name="CELERY")).app.conf.task_acks_late
    finally:
        del settings.CELERY_TASK_ACKS_LATE


def _project(folder: Path, namespace: str, settings: str) -> list[str]:
    """A Django project's files; what CEL802 and CEL803 say of its settings."""
    (folder / "manage.py").write_text(
        "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n"
    )
    (folder / "shop").mkdir(exist_ok=True)
    (folder / "shop" / "__init__.py").touch()
    (folder / "shop" / "celery.py").write_text(
        "from celery import Celery\nfrom django.conf import settings\n"
        "app = Celery('shop', broker=settings.CELERY_BROKER_URL)\n"
        f"app.config_from_object('django.conf:settings'{namespace})\n"
    )
    path = folder / "shop" / "settings.py"
    path.write_text(settings)
    found = lint(settings, str(path), Options({}))
    return [f.message for f in found if f.code in ("CEL802", "CEL803")]


def test_advice_for_django(tmp_path: Path) -> None:
    """Django exports names in capitals only, and who named no namespace has none."""
    settings = "INSTALLED_APPS = []\nCELERY_TASK_ACKS_LATE = True\n"
    (told,) = _project(tmp_path, "", settings)
    assert "namespace='CELERY'" in told
    assert "write task_acks_late" not in told
    assert not _project(tmp_path, ", namespace='CELERY'", settings)


def test_read_by_the_application(tmp_path: Path) -> None:
    settings = "INSTALLED_APPS = []\nCELERY_BROKER_URL = 'redis://localhost'\n"
    assert not _project(tmp_path, "", settings)


def test_old_name_where_no_namespace_is_named() -> None:
    settings = "INSTALLED_APPS = []\nCELERY_ACKS_LATE = True\n"
    (found,) = [f for f in lint(settings, "settings.py", Options({})) if f.code == "CEL803"]
    assert "that namespace" not in found.message
    assert "task_acks_late" not in found.message
