"""The messages that no rule stands behind: the linter speaks of itself."""

from __future__ import annotations

from typing import Final

from flake8_celery.record import NamedTuple


class OwnMessage(NamedTuple):
    """A code of the linter's own, as both halves report it."""

    code: str
    pylint: str
    symbol: str
    """With the prefix that pylint shows."""
    summary: str
    text: str
    """Markdown: when it is reported, and what to do."""


OWN: Final = (
    OwnMessage(
        "CEL000",
        "E8790",
        "celery-internal-error",
        "A rule failed.",
        "The message names the rule and the exception. Every other rule still ran, and so did "
        "every other file. It is our mistake: please report it with the code that it fails on.",
    ),
    OwnMessage(
        "CEL001",
        "E8791",
        "celery-option",
        "An option of ours is unknown or has a value that is not understood.",
        "Reported on the first line of every linted file that has to do with Celery, because the "
        "configuration file itself is not linted. The message says what may stand there. The "
        "options are described in [the configuration page](../configuration.md).",
    ),
    OwnMessage(
        "CEL002",
        "E8797",
        "celery-lock",
        "The contract lock, or the git revision to compare with, can't be read.",
        "Reported on the first line of every linted file that has to do with Celery and that the "
        "lock speaks for: nothing is compared until it is mended. A merge conflict, a file that is "
        "cut off, a newer format and a wrong entry are each named.\n\n"
        "A conflict: take either side, then run `flake8-celery lock`, which writes it anew. Else "
        "restore the file from git; or write it anew with `flake8-celery lock --anew`, which "
        "compares nothing, so that no unsafe change is refused. For `celery-against` fetch the "
        "revision first: a shallow clone does not hold it, a partial one not its files.",
    ),
    OwnMessage(
        "CEL003",
        "E8796",
        "celery-unreadable-module",
        "A module that a judgement needs can't be read or parsed.",
        "Reported at the import through which the module was asked for, in each file where "
        "something went unjudged because of it; on the first line where it is the module of the "
        "application, found in its usual place. A task, an application or a Task class that comes "
        "from such a file is unknown, and rules say nothing about it. Other imports of the same "
        "file are not affected.\n\n"
        "Usually the file has a syntax error. It may also be written for a newer Python than the "
        "one that runs the linter: run it on the Python that the project runs on.",
    ),
    OwnMessage(
        "CEL004",
        "I8792",
        "celery-old-plugin",
        "The old PyPI package pylint-celery 0.3 stands where our pylint half should.",
        "That package of 2014 installs a module `pylint_celery` too, and pip overwrites one with "
        "the other without a word. If it came last, `load-plugins=pylint_celery` loads it instead "
        "of ours and reports nothing about Celery; the flake8 half then says so on the first line "
        "of every linted file that has to do with Celery. If ours came last all works, and pylint "
        "says once a run, as information that does not change its exit code, that the next "
        "`pip uninstall pylint-celery` takes our module away.\n\n"
        "Remove it, then put ours back:\n\n"
        "```console\n"
        "$ pip uninstall pylint-celery\n"
        "$ pip install --force-reinstall --no-deps flake8-celery\n"
        "```\n\n"
        "Where it has to stay, because prospector requires it, run the second line alone. "
        "`load-plugins=pylint_celery.plugin` loads ours in every case.",
    ),
)


def own_page(message: OwnMessage) -> str:
    """The page of one message in Markdown."""
    title = message.symbol.removeprefix("celery-")
    return (
        f"# {message.code} {title}\n\n{message.summary}\n\n"
        f"flake8 `{message.code}` · pylint `{message.pylint}` `{message.symbol}`\n\n"
        f"{message.text}\n"
    )
