"""Beat and crontab."""
