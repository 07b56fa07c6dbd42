"""Names that are misspelt: the message knows the one that is meant."""

from __future__ import annotations

import ast
import keyword
import re
from typing import Final

from flake8_celery.core.engine.run import Finding
from flake8_celery.fixes.site import Edit, Fix, Site, in_quotes

_MEANT: Final = re.compile(r"did you mean (?P<quote>['\"]?)(?P<name>[^'\"?\s]+)(?P=quote)\?")
_OPTION: Final = re.compile(r"(?:^|that is the setting; )the option is (\w+)(?: \([a-z ]+\))?$")


def meant(finding: Finding) -> str | None:
    """The name that a message proposes."""
    found = _MEANT.search(finding.message)
    return found["name"] if found else None


def near_miss(site: Site, finding: Finding) -> Fix | None:
    """Write the name that is meant: it is one slip away."""
    name = meant(finding)
    return _renamed(site, finding, name) if name else None


def value_near_miss(site: Site, finding: Finding) -> Fix | None:
    """The same for names of queues and tasks, of which there are many: someone has to look."""
    fix = near_miss(site, finding)
    return fix._replace(safe=False) if fix else None


def option(site: Site, finding: Finding) -> Fix | None:
    """The option that is meant: one slip away, or known by another name elsewhere (unsafe)."""
    fix = near_miss(site, finding)
    if fix is None and finding.arguments:
        found = _OPTION.search(str(finding.arguments[-1]))
        renamed = _renamed(site, finding, found[1]) if found else None
        fix = renamed._replace(safe=False) if renamed else None
    return fix


def setting(site: Site, finding: Finding) -> Fix | None:
    """A misspelt setting, unless the file gives the one that is meant too.

    Unsafe where it is a name of the module, which others may read.
    """
    name = meant(finding)
    if name is None or re.search(rf"\b{re.escape(name)}\b", site.text):
        return None
    fix = near_miss(site, finding)
    if fix is not None and isinstance(site.named(finding), ast.Name):
        return fix._replace(safe=False)
    return fix


def old_setting(site: Site, finding: Finding) -> Fix | None:
    """The new name of a setting. Unsafe: all settings have to be renamed together."""
    new = str(finding.arguments[-1])
    if not new.isidentifier() or re.search(rf"\b{new}\b", site.text):
        return None
    fix = _renamed(site, finding, new)
    return fix._replace(safe=False) if fix else None


def _renamed(site: Site, finding: Finding, new: str) -> Fix | None:
    start, end = site.span(finding)
    written = site.text[start:end]
    if written.isidentifier():
        if not new.isidentifier() or keyword.iskeyword(new) or _given(site, finding, new):
            return None
        return Fix((Edit(start, end, new),))
    node = site.at(finding, ast.Constant)
    if node is None or not isinstance(node.value, str) or _has_key(site, node, new):
        return None
    edit = in_quotes(site, node, node.value, new)
    return Fix((edit,)) if edit else None


def _given(site: Site, finding: Finding, new: str) -> bool:
    """Whether the call has an argument of that name already."""
    node = site.keyword(finding)
    call = site.parents.get(node) if node is not None else None
    return isinstance(call, ast.Call) and any(other.arg == new for other in call.keywords)


def _has_key(site: Site, node: ast.AST, new: str) -> bool:
    holder = site.parents.get(node)
    return isinstance(holder, ast.Dict) and any(
        isinstance(key, ast.Constant) and key.value == new for key in holder.keys
    )
