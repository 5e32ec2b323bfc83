"""Events that are delivered after the answer."""

from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Depends, status
from pydantic import BaseModel

from app.errors import ApiError, Problem
from app.tasks import Delivery, Outgoing, QueueFullError
from app.token import Caller
from app.validate import EventName, JsonBody, Payload

router = APIRouter()


class Event(BaseModel):
    """Something that happened."""

    event: EventName
    payload: Payload


class Queued(BaseModel):
    """A promise to deliver."""

    id: str
    status: str


@router.post("/webhooks", status_code=status.HTTP_202_ACCEPTED)
async def notify(
    caller: Caller,
    event: Annotated[Event, Depends(JsonBody(Event))],
    outgoing: Outgoing,
) -> Queued:
    """Queue an event."""
    id = str(uuid4())  # noqa: A001
    try:
        outgoing.add(Delivery("/webhook", {"id": id, **event.model_dump()}))
    except QueueFullError as error:
        raise ApiError(Problem.QUEUE_FULL) from error
    return Queued(id=id, status="queued")
