"""Which packages are tried, and what each needs so that real Celery can load its tasks."""

from __future__ import annotations

from typing import NamedTuple


class Trial(NamedTuple):
    """A package of pinned version; see `driver` for what is done with it."""

    requirement: str
    own: tuple[str, ...]
    """Its top modules: tasks of others are left out."""
    app: str = ""
    """`module:name` of its application; empty for one of ours, whose settings don't count."""
    python: str = "3.11"
    settings: str = ""
    """`DJANGO_SETTINGS_MODULE`."""
    project: tuple[tuple[str, str], ...] = ()
    """Files that its users would write: path and text."""
    modules: tuple[str, ...] = ()
    """To import first: what a worker is started with, where that is not the application."""
    beside: tuple[str, ...] = ()
    """Further packages that its users would install."""
    stand_ins: tuple[str, ...] = ()
    """Dependencies that need compilers or libraries, and that loading tasks does not need."""
    environment: tuple[tuple[str, str], ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    """What a user of ours would say in the configuration."""

    @property
    def name(self) -> str:
        """As folders are called."""
        return self.requirement.replace("==", "-")

    @property
    def distribution(self) -> str:
        """The package without its version."""
        return self.requirement.partition("==")[0]


#: As `allianceauth start` writes them.
_ALLIANCE = """\
from allianceauth.project_template.project_name.settings.base import *

SECRET_KEY = "x"
ROOT_URLCONF = "allianceauth.urls"
ESI_USER_CONTACT_EMAIL = "nobody@example.com"
SITE_URL = "https://example.com"
# there is no Redis
from fakeredis import FakeConnection

CACHES["default"]["OPTIONS"] = {"CONNECTION_POOL_KWARGS": {"connection_class": FakeConnection}}
"""
_ALLIANCE_BASE = "allianceauth/project_template/project_name/settings/base.py"

#: Celery has Django check itself when it imports task modules, and so import all views.
_UNCHECKED = (("CELERY_SKIP_CHECKS", "1"),)

TRIALS = [
    Trial(
        "pretalx==2026.2.1",
        ("pretalx",),
        "pretalx.celery_app:app",
        python="3.13",
        settings="pretalx.settings",
    ),
    Trial("girder-worker==5.0.21", ("girder_worker",), "girder_worker.app:app"),
    Trial(
        "swh-lister==7.4.0",
        ("swh.lister", "swh.scheduler"),
        "swh.scheduler.celery_backend.config:app",
        options=(("celery-app", "swh.scheduler.celery_backend.config:app"),),
    ),
    Trial(
        "edx-enterprise==8.18.0",
        ("enterprise", "consent", "integrated_channels", "enterprise_learner_portal"),
        settings="enterprise.settings.test",
        stand_ins=("PGPy==0.6.0:pgpy",),
        # its views need a package that it does not name
        environment=_UNCHECKED,
    ),
    Trial(
        "mayan-edms==4.12.2",
        ("mayan",),
        "mayan.celery:app",
        settings="mayan.settings.production",
        options=(("celery-task-class", "plain"),),
        stand_ins=("python-ldap==3.4.5",),
    ),
    Trial(
        "opencve==1.5.0",
        ("opencve",),
        "opencve.extensions:cel",
        modules=("opencve.app",),
        python="3.7",
    ),
    Trial(
        "apache-superset==6.1.0",
        ("superset",),
        "superset.extensions:celery_app",
        modules=("superset.tasks.celery_app",),
        beside=("flask-caching==2.3.1",),
        environment=(("SUPERSET_SECRET_KEY", "not the default one"),),
    ),
    Trial(
        "weblate==2026.10.1",
        ("weblate",),
        "weblate.utils.celery:app",
        python="3.12",
        settings="weblate.settings_example",
        beside=("psycopg[binary]==3.3.0",),
        stand_ins=("borgbackup==1.4.5", "tesserocr==2.11.0:tesserocr"),
        options=(("celery-config", "weblate/settings_example.py"),),
    ),
    Trial(
        "pretix==2026.8.0",
        ("pretix",),
        "pretix.celery_app:app",
        settings="pretix.settings",
    ),
    Trial(
        "allianceauth==5.5.0",
        ("allianceauth",),
        "allianceauth.project_template.project_name.celery:app",
        settings="site_settings",
        project=(("site_settings.py", _ALLIANCE),),
        beside=("fakeredis==2.31.0",),
        stand_ins=("mysqlclient==2.2.7",),
        # a check asks Redis
        environment=_UNCHECKED,
        options=(("celery-config", _ALLIANCE_BASE),),
    ),
    Trial(
        "aa-memberaudit==5.3.0",
        ("memberaudit",),
        settings="site_settings",
        project=(
            ("site_settings.py", _ALLIANCE + "INSTALLED_APPS += ['eveuniverse', 'memberaudit']\n"),
        ),
        beside=("fakeredis==2.31.0",),
        stand_ins=("mysqlclient==2.2.7",),
        environment=_UNCHECKED,
    ),
]
