broker_url = "amqp://broker//"
task_time_limit = 300
imports = ("scans.jobs",)
