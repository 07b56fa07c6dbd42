from depot.app import app


@app.task
def tell(box: int) -> int:
    return box
