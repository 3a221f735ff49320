"""Django REST framework: view sets behind routers, their actions, and generic views."""

from __future__ import annotations

import pytest

from tests.probes.code.endpoints import found, served, unserved
from tests.probes.code.frameworks.test_django import project

HEAD = """
from rest_framework import generics, mixins, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response
from parts.models import Part
"""
MODELS = "from django.db import models\n\nclass Part(models.Model):\n    name = models.CharField(max_length=9)\n"
ROUTER = """
from django.urls import include, path
from rest_framework.routers import DefaultRouter
from parts import views

router = DefaultRouter()
router.register(r"parts", views.Parts, basename="part")
"""
WHOLE = [
    "GET /api/parts/",
    "POST /api/parts/",
    "GET /api/parts/{pk}/",
    "PUT /api/parts/{pk}/",
    "PATCH /api/parts/{pk}/",
    "DELETE /api/parts/{pk}/",
]


def files(views: str, urls: str = ROUTER + 'urlpatterns = [path("api/", include(router.urls))]\n') -> dict[str, str]:
    """A project with one application."""
    return project(urls, parts__views=HEAD + views, parts__models=MODELS)


def test_a_model_view_set_is_six_endpoints_that_stand_at_its_class() -> None:
    views = "\nclass Parts(viewsets.ModelViewSet):\n    queryset = Part.objects.all()\n"
    every = found(files(views))
    assert sorted(one.title for one in every) == sorted(WHOLE)
    assert {(one.file, one.line) for one in every} == {("parts/views.py", 7)}
    assert {one.handler for one in every if one.title == "GET /api/parts/"} == {"Parts.list"}


@pytest.mark.parametrize(
    "tail",
    [
        'urlpatterns = [path("api/", include(router.urls))]',
        'urlpatterns = [path("api/", include((router.urls, "api")))]',
        'urlpatterns = [path("api/", include(router.urls + [path("x/", views.Parts.as_view({"get": "list"}))]))]',
        'api = [path("", include(router.urls))]\nurlpatterns = [path("api/", include(api))]',
        'inner = []\ninner += router.urls\nurlpatterns = [path("api/", include(inner))]',
        'r = DefaultRouter()\nr.registry.extend(router.registry)\nurlpatterns = [path("api/", include(r.urls))]',
    ],
)
def test_a_router_is_served_where_its_urls_are_put(tail: str) -> None:
    views = "\nclass Parts(viewsets.ModelViewSet):\n    queryset = Part.objects.all()\n"
    assert set(WHOLE) <= set(served(files(views, f"{ROUTER}{tail}\n")))


def test_a_router_whose_urls_nobody_includes_serves_nothing() -> None:
    views = "\nclass Parts(viewsets.ReadOnlyModelViewSet):\n    queryset = Part.objects.all()\n"
    tree = files(views, f"{ROUTER}urlpatterns = []\n")
    assert (served(tree), unserved(tree)) == ([], ["GET /parts/", "GET /parts/{pk}/"])


def test_a_view_set_serves_the_actions_that_it_has() -> None:
    views = """
class Parts(mixins.CreateModelMixin, mixins.DestroyModelMixin, viewsets.GenericViewSet):
    queryset = Part.objects.all()
    lookup_field = "slug"

    def list(self, request):
        return Response([])
"""
    assert sorted(served(files(views))) == ["DELETE /api/parts/{slug}/", "GET /api/parts/", "POST /api/parts/"]


def test_the_methods_to_which_a_view_set_restricts_itself_are_all_it_serves() -> None:
    views = """
class Parts(viewsets.ModelViewSet):
    queryset = Part.objects.all()
    http_method_names = ["get", "head"]
"""
    assert sorted(served(files(views))) == ["GET /api/parts/", "GET /api/parts/{pk}/"]


def test_actions_are_endpoints_at_their_decorators() -> None:
    views = """
class Base(viewsets.GenericViewSet):
    @action(detail=False)
    def inherited(self, request): ...


class Parts(Base):
    @action(detail=True, methods=["post"])
    def order(self, request, pk=None): ...

    @action(
        detail=False,
        methods=["get", "put"],
        url_path="by-name/(?P<name>[^/.]+)",
    )
    def named(self, request, name=None): ...

    @named.mapping.delete
    def unname(self, request, name=None): ...
"""
    assert sorted((one.title, one.line, one.handler) for one in found(files(views))) == [
        ("DELETE /api/parts/by-name/<name>/", 23, "Parts.unname"),
        ("GET /api/parts/inherited/", 12, "Parts.inherited"),
        ("GET|PUT /api/parts/by-name/<name>/", 16, "Parts.named"),
        ("POST /api/parts/{pk}/order/", 13, "Parts.order"),
    ]


@pytest.mark.parametrize(
    ("base", "methods"),
    [
        ("ListAPIView", ["GET"]),
        ("CreateAPIView", ["POST"]),
        ("ListCreateAPIView", ["GET", "POST"]),
        ("RetrieveUpdateAPIView", ["GET", "PATCH", "PUT"]),
        ("RetrieveUpdateDestroyAPIView", ["DELETE", "GET", "PATCH", "PUT"]),
    ],
)
def test_a_generic_view_is_one_endpoint_for_each_method_that_it_inherits(base: str, methods: list[str]) -> None:
    urls = "from django.urls import path\nfrom parts import views\nurlpatterns = [path('x/', views.Parts.as_view())]\n"
    views = f"\nclass Parts(generics.{base}):\n    queryset = Part.objects.all()\n"
    assert sorted(one.title for one in found(files(views, urls))) == [f"{method} /x/" for method in methods]


def test_a_nested_router_stands_below_one_object_of_its_parent() -> None:
    urls = (
        ROUTER
        + """
from rest_framework_nested.routers import NestedDefaultRouter

nested = NestedDefaultRouter(router, r"parts", lookup="part")
nested.register(r"orders", views.Orders)
urlpatterns = [path("", include(router.urls)), path("", include(nested.urls))]
"""
    )
    views = """
class Parts(viewsets.ViewSet):
    def list(self, request): ...

class Orders(viewsets.ViewSet):
    def list(self, request, part_pk=None): ...
"""
    assert sorted(served(files(views, urls))) == ["GET /parts/", "GET /parts/{part_pk}/orders/"]


def test_a_router_of_the_projects_own_class_is_one() -> None:
    urls = ROUTER.replace("router = DefaultRouter()", "class Own(DefaultRouter):\n    pass\n\nrouter = Own()")
    views = "\nclass Parts(viewsets.ViewSet):\n    def list(self, request): ...\n"
    assert served(files(views, f"{urls}urlpatterns = [path('', include(router.urls))]\n")) == ["GET /parts/"]
