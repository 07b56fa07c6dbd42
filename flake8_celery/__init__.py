"""flake8 plugin that finds what breaks Celery in production."""

__version__ = "0.1.0"


def register(linter: object) -> None:
    """Tell who gives this half to pylint what to write instead."""
    import sys

    print(
        "flake8_celery is the half for flake8: write load-plugins = pylint_celery.plugin",
        file=sys.stderr,
    )
    # pylint's own code for a wrong usage
    sys.exit(32)
