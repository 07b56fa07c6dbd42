"""How a rule is declared and judged; all that a rule needs to speak."""

from flake8_celery.core.engine.rule import Check, Context, Problem, Rule, rule
from flake8_celery.core.model.stated import setting_name
from flake8_celery.core.syntax.places import Span, called_name, defined_name, keyword_name

__all__ = [
    "Check",
    "Context",
    "Problem",
    "Rule",
    "Span",
    "called_name",
    "defined_name",
    "keyword_name",
    "rule",
    "setting_name",
]
