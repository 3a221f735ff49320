"""Settings that requests change."""

from __future__ import annotations

from tests.probes.code.flow.apps import view_of

_SETTINGS = """
from django.conf import settings
from django.http import JsonResponse
from django.urls import path
from django.views import View


class Switch(View):
    def post(self, request):
        settings.SHOP_OPEN = request.POST["open"]
        return JsonResponse({"open": request.POST["open"]})


KNOWN = {}


class Keep(View):
    def post(self, request):
        KNOWN["open"] = request.POST["open"]
        return JsonResponse({"open": request.POST["open"]})


urlpatterns = [path("switch", Switch.as_view()), path("keep", Keep.as_view())]
"""


def test_a_setting_of_a_library_that_a_request_changes_is_memory_that_may_be_meant_so() -> None:
    files = {"shop/settings.py": "ROOT_URLCONF = 'shop.urls'\n", "shop/urls.py": _SETTINGS, "shop/__init__.py": ""}
    found = {flow.endpoint.path: flow.endpoint for flow in view_of(files).endpoints}
    assert {path: (str(one.verdict), one.debatable) for path, one in found.items()} == {
        "/switch": ("volatile", True),
        "/keep": ("volatile", False),
    }
