"""Data through Django's mapper, views and serializers, where a project bends them to its own shape."""

from __future__ import annotations

import pytest

from tests.probes.code.endpoints import flow, served
from tests.probes.code.frameworks.test_django import project

URLS = """
from django.urls import include, path
from rest_framework.routers import DefaultRouter
from parts import views

router = DefaultRouter()
router.register("parts", views.Parts, basename="parts")
urlpatterns = [path("", include(router.urls))]
"""
MODELS = """
from typing import Any
from django.db import models

class PartQuerySet(models.QuerySet["Part"]):
    def listed(self):
        return self.filter(listed=True)

class Base(models.Manager[Any]):
    def get_queryset(self):
        return PartQuerySet(self.model, using=self._db)

    def cheap(self):
        return self.filter(price__lt=5)

class Part(models.Model):
    name = models.CharField(max_length=9)
    tags = models.ManyToManyField("Tag")
    objects = Base()
    parts = PartQuerySet.as_manager()
    both = Base.from_queryset(PartQuerySet)()
"""
VIEWS = """
from django.core.cache import cache
from rest_framework import serializers, viewsets
from rest_framework.response import Response
from parts.models import Part

class PartSerializer(serializers.ModelSerializer):
    class Meta:
        model = Part

class Bent(viewsets.ModelViewSet):
    serializer_class = PartSerializer

    def get_serializer(self, *args, **kwargs):
        if "data" in kwargs:
            kwargs["data"] = self.clean(kwargs["data"])
        return super().get_serializer(*args, **kwargs)

    def clean(self, data):
        return {**data, "listed": True}
"""


def body(views: str, title: str) -> str:
    """The body verdict of one endpoint of the view set `Parts`."""
    found = flow(project(URLS, parts__models=MODELS, parts__views=VIEWS + views), title)
    return f"{found.endpoint.body} {found.endpoint.confidence}"


@pytest.mark.parametrize(
    "rows",
    [
        "Part.objects.all()",
        "Part.objects.cheap()",
        "Part.parts.listed().order_by('name')",
        "Part.both.cheap().listed()",
        "Part.objects.select_related('owner').prefetch_related('tags').annotate(total=1)",
    ],
)
def test_the_managers_and_query_sets_of_a_project_read_its_table(rows: str) -> None:
    views = f"\nclass Parts(Bent):\n    queryset = {rows}\n"
    found = flow(project(URLS, parts__models=MODELS, parts__views=VIEWS + views), "GET /parts/")
    assert (found.endpoint.body, found.endpoint.confidence) == ("real", "high")
    assert {effect.target for effect in found.effects} <= {"Part", "PartQuerySet"}


@pytest.mark.parametrize("title", ["POST /parts/", "PUT /parts/{pk}/", "DELETE /parts/{pk}/"])
def test_what_a_project_puts_between_the_library_and_its_serializer_is_followed(title: str) -> None:
    assert body("\nclass Parts(Bent):\n    queryset = Part.objects.all()\n", title) == "real high"


def test_a_serializer_that_writes_nothing_loses_what_it_was_given() -> None:
    views = """
class Quiet(serializers.Serializer):
    def create(self, validated_data):
        return validated_data

class Parts(Bent):
    serializer_class = Quiet
    queryset = Part.objects.all()
"""
    assert body(views, "POST /parts/") == "lossy high"


def test_a_hook_that_does_not_save_loses_what_it_was_given() -> None:
    views = """
class Parts(Bent):
    queryset = Part.objects.all()

    def perform_create(self, serializer):
        pass
"""
    assert body(views, "POST /parts/").startswith("lossy")


def test_a_list_that_stands_for_the_rows_is_a_mock_although_the_rest_is_inherited() -> None:
    views = """
class Parts(Bent):
    def get_queryset(self):
        return [{"name": "bolt", "price": 3.5, "stock": 120}, {"name": "nut", "price": 1.25, "stock": 80}]
"""
    assert body(views, "GET /parts/").startswith("mock")


def test_a_cache_before_the_rows_is_no_store_and_hides_none() -> None:
    views = """
class Parts(Bent):
    queryset = Part.objects.all()

    def list(self, request):
        known = cache.get("parts")
        if known is not None:
            return Response(known)
        answer = super().list(request)
        cache.set("parts", answer.data, 60)
        return answer
"""
    assert body(views, "GET /parts/") == "real high"


def test_a_cache_alone_makes_nothing_real() -> None:
    views = """
class Parts(Bent):
    def list(self, request):
        return Response(cache.get("parts"))
"""
    assert not body(views, "GET /parts/").startswith("real")


def test_a_part_of_a_row_that_is_a_related_table_can_be_written() -> None:
    views = """
class Parts(Bent):
    queryset = Part.objects.all()

    def update(self, request, pk=None):
        self.get_object().tags.set(request.data["tags"])
        return Response({"changed": True})
"""
    assert body(views, "PUT /parts/{pk}/") == "real high"


def test_a_field_that_is_set_and_never_saved_is_lost() -> None:
    views = """
class Parts(Bent):
    queryset = Part.objects.all()

    def update(self, request, pk=None):
        part = self.get_object()
        part.name = request.data["name"]
        return Response({"changed": True})
"""
    assert body(views, "PUT /parts/{pk}/").startswith("lossy")


def test_a_missing_row_is_no_outage_and_an_outage_that_is_swallowed_is_a_fallback() -> None:
    views = """
class Parts(Bent):
    def retrieve(self, request, pk=None):
        try:
            return Response({"name": Part.objects.get(pk=pk).name})
        except ERROR:
            return Response({"name": "bolt", "price": 3.5})
"""
    honest = body(views.replace("ERROR", "Part.DoesNotExist"), "GET /parts/{pk}/")
    swallowing = body(views.replace("ERROR", "Exception"), "GET /parts/{pk}/")
    assert (honest, swallowing) == ("real high", "fallback high")


def test_the_path_of_a_resource_may_be_a_pattern() -> None:
    urls = URLS.replace('"parts",', 'r"^shops/(?P<shop>\\d+)/parts",')
    views = "\nclass Parts(viewsets.ViewSet):\n    def list(self, request, shop): ...\n"
    files = project(urls, parts__models=MODELS, parts__views=VIEWS + views)
    assert served(files) == ["GET /shops/<shop>/parts/"]


@pytest.mark.parametrize(("saves", "expected"), [("part.save(using=self._db)", "real high"), ("pass", "lossy")])
def test_a_manager_makes_rows_of_the_table_that_it_belongs_to(saves: str, expected: str) -> None:
    models = MODELS.replace(
        "    def cheap(self):",
        f"""    def make(self, name):
        part = self.model(name=name)
        {saves}
        return part

    def cheap(self):""",
    )
    views = """
class Making(serializers.Serializer):
    def create(self, validated_data):
        return Part.objects.make(**validated_data)

class Parts(Bent):
    serializer_class = Making
"""
    files = project(URLS, parts__models=models, parts__views=VIEWS + views)
    found = flow(files, "POST /parts/")
    assert f"{found.endpoint.body} {found.endpoint.confidence}".startswith(expected)
    assert {effect.target for effect in found.effects} <= {"Part"}
