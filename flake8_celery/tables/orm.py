"""What Django and other libraries make objects of: rows, queries, requests. None is JSON."""

from __future__ import annotations

from typing import Final

#: Classes whose subclasses are models: their objects are rows of a table, or documents.
MODEL_BASES: Final = frozenset(
    {
        "django.db.models.Model",
        "django.db.models.base.Model",
        "django.contrib.gis.db.models.Model",
        "sqlalchemy.orm.DeclarativeBase",
        "sqlalchemy.orm.DeclarativeBaseNoMeta",
        "sqlmodel.SQLModel",
        "mongoengine.Document",
        "mongoengine.DynamicDocument",
        "mongoengine.EmbeddedDocument",
        "peewee.Model",
    }
)
#: Packages whose modules called `models` hold models, to derive from or to use.
MODEL_PACKAGES: Final = frozenset(
    {
        "django",
        "django_extensions",
        "guardian",
        "model_utils",
        "modelcluster",
        "mptt",
        "polymorphic",
        "taggit",
        "treebeard",
        "wagtail",
    }
)
#: Calls whose value is a class to derive models from, or a model.
MODEL_MAKERS: Final = frozenset(
    {
        "django.contrib.auth.get_user_model",
        "django.apps.apps.get_model",
        "sqlalchemy.orm.declarative_base",
        "sqlalchemy.ext.declarative.declarative_base",
    }
)
#: Calls whose value has a `Model` to derive models from: `db = SQLAlchemy()`.
MODEL_HOLDERS: Final = frozenset({"flask_sqlalchemy.SQLAlchemy"})

MANAGERS: Final = frozenset({"objects", "_default_manager", "_base_manager"})

#: Methods of managers and queries, by what they give.
QUERY_METHODS: Final = frozenset(
    {
        *("all", "filter", "exclude", "annotate", "alias", "distinct", "order_by", "reverse"),
        *("select_related", "prefetch_related", "defer", "only", "using", "union", "none"),
        *("intersection", "difference", "select_for_update", "extra", "complex_filter"),
        # SQLAlchemy
        *("filter_by", "join", "outerjoin", "options", "where", "limit", "offset"),
    }
)
VALUES_METHODS: Final = frozenset({"values", "values_list", "dates", "datetimes"})
OBJECT_METHODS: Final = frozenset(
    {
        *("get", "create", "first", "last", "latest", "earliest"),
        *("aget", "acreate", "afirst", "alast", "alatest", "aearliest"),
        # SQLAlchemy
        *("one", "one_or_none", "get_or_404", "first_or_404", "one_or_404"),
    }
)
PAIR_METHODS: Final = frozenset(
    {"get_or_create", "update_or_create", "aget_or_create", "aupdate_or_create"}
)
MANY_METHODS: Final = frozenset({"bulk_create", "abulk_create"})

#: Functions of a model or a query that give one object, or a list of them.
SHORTCUTS: Final = {
    "django.shortcuts.get_object_or_404": "object",
    "django.shortcuts.aget_object_or_404": "object",
    "rest_framework.generics.get_object_or_404": "object",
    "django.shortcuts.get_list_or_404": "many",
    "django.shortcuts.aget_list_or_404": "many",
}

#: Signals whose receivers get an object of a model as `instance`.
INSTANCE_SIGNALS: Final = frozenset(
    f"django.db.models.signals.{name}"
    for name in (
        *("pre_init", "post_init", "pre_save", "post_save"),
        *("pre_delete", "post_delete", "m2m_changed"),
    )
)
RECEIVER: Final = "django.dispatch.receiver"

#: Classes of requests and of files that were sent with one, with what to do instead.
REQUEST: Final = "a request"
UPLOAD: Final = "an uploaded file"
CLASSES: Final = {
    "django.http.HttpRequest": REQUEST,
    "django.http.request.HttpRequest": REQUEST,
    "django.core.handlers.wsgi.WSGIRequest": REQUEST,
    "rest_framework.request.Request": REQUEST,
    "starlette.requests.Request": REQUEST,
    "fastapi.Request": REQUEST,
    "fastapi.requests.Request": REQUEST,
    "flask.Request": REQUEST,
    "aiohttp.web.Request": REQUEST,
    "fastapi.UploadFile": UPLOAD,
    "fastapi.datastructures.UploadFile": UPLOAD,
    "starlette.datastructures.UploadFile": UPLOAD,
    "django.core.files.File": UPLOAD,
    "django.core.files.uploadedfile.UploadedFile": UPLOAD,
    "django.core.files.uploadedfile.InMemoryUploadedFile": UPLOAD,
    "django.core.files.uploadedfile.TemporaryUploadedFile": UPLOAD,
    "werkzeug.datastructures.FileStorage": UPLOAD,
}
#: Names that stand for the request, or for who sent it.
PROXIES: Final = {"flask.request": REQUEST, "flask_login.current_user": "the logged-in user"}
QUERY_CLASSES: Final = frozenset(
    {"django.db.models.QuerySet", "django.db.models.query.QuerySet", "sqlalchemy.orm.Query"}
)
#: What a view reads of its request.
REQUEST_PARTS: Final = frozenset(
    {"user", "POST", "GET", "META", "FILES", "session", "COOKIES", "method", "headers", "body"}
)
#: Packages whose classes are views: their `self.request` is one, `get_object()` gives a row.
VIEW_PACKAGES: Final = ("django.views", "django.contrib.admin", "rest_framework")

#: Annotations around others: all that they hold are of that type.
CONTAINERS: Final = frozenset(
    {"list", "set", "frozenset", "tuple", "List", "Sequence", "Iterable", "Collection", "QuerySet"}
)
