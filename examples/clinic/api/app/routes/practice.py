import importlib
import os

from fastapi import APIRouter, Depends
from pydantic import BaseModel
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.database import get_session
from app.models import Appointment

router = APIRouter()
waiting_room: list[dict] = []


class Arrival(BaseModel):
    patient_id: int


class Occupancy:
    def __init__(self, session: Session) -> None:
        self.session = session

    def appointments(self) -> int:
        return self.session.scalar(select(func.count()).select_from(Appointment))


@router.get("/version")
def version():
    return {"name": "clinic", "version": "1.4.0"}


@router.post("/waiting-room", status_code=201)
def arrive(body: Arrival):
    waiting_room.append({"patient_id": body.patient_id})
    return {"position": len(waiting_room)}


@router.get("/occupancy")
def occupancy(session: Session = Depends(get_session)):
    return {"appointments": Occupancy(session).count_appointments()}


@router.get("/prices/{treatment}")
def price(treatment: str):
    return importlib.import_module(os.environ["CLINIC_PRICES"]).price_of(treatment)
