"""Which values an expression may have: the evaluator, which knows Python and no Celery."""
