"""Asynchronous routes."""
import asyncio

from celery import chain
from fastapi import APIRouter

from api import jobs

router = APIRouter()


@router.post("/pictures/{number}")
async def resized(number: int) -> dict:
    task = await asyncio.to_thread(jobs.resize.apply_async, args=(number,))
    jobs.celery_app.send_task("api.jobs.resize", args=[number])
    chain(jobs.resize.s(number), jobs.resize.s())()
    return {"id": task.id}
