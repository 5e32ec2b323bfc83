"""Events that are delivered after the answer."""

from uuid import uuid4

from fastapi import APIRouter, BackgroundTasks

from app.tasks import deliver_event
from app.token import CurrentUser
from app.validate import Event

router = APIRouter()


@router.post("/webhooks", status_code=202)
async def notify(
    current: CurrentUser, event: Event, background_tasks: BackgroundTasks
) -> dict[str, str]:
    """Take an event; there is no bound to how many are waiting."""
    event_id = str(uuid4())
    background_tasks.add_task(deliver_event, event_id, event.event, event.payload)
    return {"id": event_id, "status": "queued"}
