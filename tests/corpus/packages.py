"""The pinned packages: which use Celery, and which only look as if they did."""

from __future__ import annotations

PACKAGES = [
    "weblate==2026.10.1",
    "mayan-edms==4.12.2",
    "geonode==5.1.1",
    "pretix==2026.8.0",
    "lemur==1.9.3",
    "indico==3.3.14",
    "edx-enterprise==8.18.0",
    "pretalx==2026.2.1",
    "opencve==1.5.0",
    "nautobot==3.2.7",
    "swh-scheduler==3.6.0",
    "swh-lister==7.4.0",
    "aa-memberaudit==5.3.0",
    "allianceauth==5.5.0",
    "openwisp-controller==1.3.2",
    "arches==8.1.5",
    "apache-superset==6.1.0",
    "invenio-rdm-records==36.0.0",
    "bodhi-server==26.4.0",
    "openwisp-firmware-upgrader==1.3.1",
    "girder-worker==5.0.21",
    "apache-airflow-providers-celery==3.26.0",
]

#: Task queues that are not Celery, and projects that use them; no finding is right there.
NEGATIVE = [
    "procrastinate",
    "faust-streaming",
    "rocketry",
    "taskiq",
    "huey",
    "dramatiq",
    "qtasks",
    "arq",
    "rq",
    "saq",
    "streaq",
    "repid",
    "django-rq",
    "apscheduler",
    "django-q2",
    "pgqueuer",
]

#: For the benchmark: a large code base without Celery.
OTHERS = ("django==5.2",)

#: Repositories by the commit that figures are for; checked out below `.corpus/repositories`.
REPOSITORIES = {
    "readthedocs/readthedocs.org": "7937196123747181054d4c2361ec81f93c37f8f2",
    "kobotoolbox/kpi": "2e5efb0172e64fc8c8de222039f2aa02c6d6be8e",
    "mozilla/treeherder": "dc3080dd746d4732d5e06c0272471834d4639da0",
}
