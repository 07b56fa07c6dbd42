"""What of the package's metadata follows from where the project is on the network."""

import runpy
from pathlib import Path

from setuptools import setup

HERE = Path(__file__).parent
LINKS = runpy.run_path(str(HERE / "flake8_celery" / "links.py"))

setup(
    project_urls=LINKS["project_urls"](),
    long_description=LINKS["package_readme"]((HERE / "README.md").read_text(encoding="utf-8")),
    long_description_content_type="text/markdown",
)
