"""How a rule is declared and judged; all that a rule needs to speak."""

from flake8_celery.core.engine.rule import Check, Context, Problem, Rule, rule
from flake8_celery.core.model.stated import setting_name
from flake8_celery.core.syntax.places import Span, called_name, defined_name, keyword_name
from flake8_celery.core.syntax.regions import FunctionNode, Region, dotted
from flake8_celery.core.values.unknown import Environment, Unknown

__all__ = [
    "Check",
    "Context",
    "Environment",
    "FunctionNode",
    "Problem",
    "Region",
    "Rule",
    "Span",
    "Unknown",
    "called_name",
    "defined_name",
    "dotted",
    "keyword_name",
    "rule",
    "setting_name",
]
