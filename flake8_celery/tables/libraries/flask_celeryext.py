"""Flask-CeleryExt: tasks run within Flask's application context."""

from __future__ import annotations

from typing import Final

from flake8_celery.tables.libraries.shapes import AppClass, Library, TaskBase

_CONTEXT: Final = "flask_celeryext.AppContextTask"

LIBRARY: Final = Library(
    "flask-celeryext",
    "0.5.1",
    bases=tuple(
        TaskBase((f"flask_celeryext.{name}", f"flask_celeryext.app.{name}"))
        for name in ("AppContextTask", "RequestContextTask")
    ),
    applications=(
        AppClass(
            ("flask_celeryext.create_celery_app", "flask_celeryext.app.create_celery_app"),
            _CONTEXT,
            factory=True,
        ),
        AppClass(
            ("flask_celeryext.FlaskCeleryExt", "flask_celeryext.ext.FlaskCeleryExt"),
            _CONTEXT,
            factory=True,
            attribute="celery",
        ),
    ),
)
