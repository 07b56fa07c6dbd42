"""Asynchronous routes."""
from celery import chain
from fastapi import APIRouter

from api import jobs

router = APIRouter()


@router.post("/pictures/{number}")
async def resized(number: int) -> dict:
    task = await jobs.resize.apply_async(args=(number,))
    await jobs.celery_app.send_task("api.jobs.resize", args=[number])
    await chain(jobs.resize.s(number), jobs.resize.s())()
    return {"id": task.id}
