from fastapi import FastAPI

from app.routes import appointments, patients, practice

app = FastAPI(title="Clinic")
app.include_router(patients.router, prefix="/patients")
app.include_router(appointments.router, prefix="/appointments")
app.include_router(practice.router)
