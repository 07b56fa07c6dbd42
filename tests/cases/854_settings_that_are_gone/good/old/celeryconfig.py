broker_url = "amqp://broker//"
result_backend = "rpc://"
