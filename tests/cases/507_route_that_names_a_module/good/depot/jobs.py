from depot.app import app


@app.task
def pack(box: int) -> int:
    return box
