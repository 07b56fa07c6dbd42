"""`python -m flake8_celery` is `flake8-celery`."""

import sys

from flake8_celery.cli import main

sys.exit(main())
