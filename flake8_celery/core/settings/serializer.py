"""Whether messages and results are likely JSON, where the settings can't be read whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from flake8_celery.core.model.model import Model
from flake8_celery.core.model.task import Task
from flake8_celery.core.project.files import current_files
from flake8_celery.core.settings.configuration import Configuration
from flake8_celery.core.settings.which_app import where_of
from flake8_celery.core.values.degrees import SERIALIZER, assume
from flake8_celery.notes import Slot

#: Words that name a serializer: the settings, and the option of tasks and calls.
_NAMED: Final = (
    r"(?i)(?:(?:task|result|event)_serializer|accept_content)\b.*"
    r"|\bserializer[\"']?\s*[=:]\s*[\"'].*|\bregister_type\b.*"
)
_NAMED_WORDS: Final = ("serializer", "accept_content", "register_type")
_OTHERS: Final = ("pickle", "msgpack", "enable_insecure_serializers")
_JSON: Final = r"[\"'](?:application/)?json[\"']"
_BESIDE: Final = r"yaml|[\"']auth[\"']"


def likely_json(model: Model, task: Task | None, configuration: Configuration) -> bool:
    """Whether nothing in reach names another serializer than JSON.

    In reach are the linted module, the one that builds the application and what it imports, and
    every file that the configuration was read from; of them those that speak of Celery.
    """
    key = where_of(model, task)
    known = _LIKELY.of(model.notes)
    if key not in known:
        texts = _texts(model, key.path, configuration)
        known[key] = not any(map(_names_other, texts))
    return known[key] and assume(SERIALIZER)


_LIKELY: Final[Slot[dict[object, bool]]] = Slot(dict)


def _texts(model: Model, home: str, configuration: Configuration) -> Iterator[str]:
    yield model.module.text
    for facts in model.app_modules():
        yield from facts.outlined.texts_in_reach()
    files = current_files()
    for path in dict.fromkeys((*([home] if home else []), *configuration.stamps)):
        text = files.text(path)
        if "elery" in text or "ELERY" in text:
            yield text


def _names_other(text: str) -> bool:
    """Whether a text names a serializer that is not plainly JSON."""
    if any(map(text.__contains__, _OTHERS)) or ("kombu" in text and "serialization" in text):
        return True
    lowered = text.lower()
    if not any(map(lowered.__contains__, _NAMED_WORDS)):
        return False
    return any(
        not re.search(_JSON, found) or re.search(_BESIDE, found)
        for found in re.findall(_NAMED, text)
    )
