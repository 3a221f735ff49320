from fastapi import APIRouter, Depends
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.database import get_session
from app.models import Note

router = APIRouter(prefix="/archive")


@router.get("/notes")
def archived_notes(session: Session = Depends(get_session)):
    return [{"id": note.id, "text": note.text} for note in session.scalars(select(Note))]
