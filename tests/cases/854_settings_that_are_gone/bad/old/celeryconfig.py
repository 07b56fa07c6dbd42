broker_url = "amqp://broker//"
CELERY_SEND_TASK_ERROR_EMAILS = True
result_backend = "amqp"
