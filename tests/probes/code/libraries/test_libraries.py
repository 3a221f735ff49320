"""The classes that projects inherit from libraries: their sources are read like the project's own."""

from __future__ import annotations

import ast

import pytest

from assay.probes.code.languages import language
from assay.probes.code.libraries import SOURCES, is_library
from tests.probes.code.endpoints import flow, view

API = """
from fastapi import FastAPI
from django.db import models
from rest_framework import generics, serializers

class Part(models.Model): ...

class PartSerializer(serializers.ModelSerializer):
    class Meta:
        model = Part

app = FastAPI()
"""


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_the_source_of_a_library_is_python_and_every_class_in_it_has_known_bases(source: object) -> None:
    text = getattr(source, "text", "")
    tree = ast.parse(text)
    imported = {alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    defined: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            assert {base.id for base in node.bases if isinstance(base, ast.Name)} <= defined | imported
            defined.add(node.name)
    assert language("python").extract("x.py", text.encode()).problems == ()


def test_an_inherited_action_acts_on_what_the_project_names_and_is_told_at_the_project() -> None:
    files = {
        "main.py": API
        + """
class Parts(generics.ListCreateAPIView):
    queryset = Part.objects.all()
    serializer_class = PartSerializer

@app.post("/parts")
def create(request):
    return Parts().list(request)
"""
    }
    found = flow(files, "POST /parts")
    assert found.endpoint.body == "real"
    assert {step.at.file for step in found.endpoint.evidence} == {"main.py"}
    assert {effect.at.file for effect in found.effects} == {"main.py"}


def test_a_method_of_the_project_stands_before_that_of_the_library() -> None:
    files = {
        "main.py": API
        + """
class Parts(generics.ListCreateAPIView):
    queryset = Part.objects.all()

    def list(self, request):
        return {"total": 12, "average_price": 81.5}

@app.get("/parts/stats")
def stats(request):
    return Parts().list(request)
"""
    }
    assert flow(files, "GET /parts/stats").endpoint.body == "mock"


def test_super_goes_on_in_the_order_of_the_objects_own_class_not_of_the_class_that_says_it() -> None:
    files = {
        "main.py": API
        + """
class Owned:
    def get_queryset(self):
        return super().get_queryset().filter(active=True)

class Parts(Owned, generics.ListAPIView):
    queryset = Part.objects.all()

@app.get("/parts")
def parts():
    return list(Parts().get_queryset())
"""
    }
    found = flow(files, "GET /parts")
    assert (found.endpoint.body, found.unresolved) == ("real", ())


def test_a_class_of_another_library_with_the_same_name_is_no_class_of_this_one() -> None:
    files = {
        "main.py": """
from fastapi import FastAPI
from elsewhere import generics

app = FastAPI()

class Parts(generics.ListAPIView): ...

@app.get("/parts")
def parts(request):
    return Parts().list(request)
"""
    }
    assert flow(files, "GET /parts").endpoint.body == "unknown"


def test_no_source_of_a_library_is_a_file_of_the_project() -> None:
    seen = view({"main.py": API + "\n@app.get('/x')\ndef x():\n    return PartSerializer(Part()).data\n"})
    assert not [path for path in seen.files if is_library(path)]
    assert not [one for one in seen.skipped if is_library(one.file)]
