"""Tasks of another module, called like functions."""

from s01_bound import fetch, touch
import s01_bound


def view(request):
    fetch(request.GET["url"])  # gone: no-value-for-parameter
    touch()  # gone: no-value-for-parameter
    return s01_bound.unused_self(request.path)  # gone: no-value-for-parameter


def helper(first, second):  # stays: unused-argument
    return first


helper(1)  # stays: no-value-for-parameter
fetch()  # gone: no-value-for-parameter, no-value-for-parameter; new: celery-arguments-do-not-fit
