"""Django: which endpoints there are, at which paths, and which of them nobody can reach."""

from __future__ import annotations

import pytest

from tests.probes.code.endpoints import found, served, unserved, view

MANAGE = """
import os

def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_.settings")
"""
SETTINGS = 'ROOT_URLCONF = "site_.urls"\n'
VIEWS = """
from django.http import JsonResponse

def listing(request):
    return JsonResponse({"parts": []})

def one(request, pk):
    return JsonResponse({"pk": pk})
"""


def project(urls: str, **more: str) -> dict[str, str]:
    """A project whose settings name `site_/urls.py`; the files in `more` are named with `__` for `/`."""
    return {
        "manage.py": MANAGE,
        "site_/__init__.py": "",
        "site_/settings.py": SETTINGS,
        "site_/urls.py": urls,
        "parts/__init__.py": "",
        "parts/views.py": VIEWS,
        **{f"{name.replace('__', '/')}.py": text for name, text in more.items()},
    }


def test_each_line_of_a_table_is_an_endpoint_that_stands_at_its_view() -> None:
    urls = """
    from django.urls import path, re_path
    from parts import views

    urlpatterns = [
        path("parts/", views.listing),
        path("parts/<int:pk>/", views.one, name="one"),
        re_path(r"^old/(?P<pk>[0-9]{4})/v1\\.0/$", view=views.one),
    ]
    """
    assert [(one.title, one.file, one.line, one.handler) for one in found(project(urls))] == [
        ("ANY /parts/", "parts/views.py", 4, "listing"),
        ("ANY /old/<pk>/v1.0/", "parts/views.py", 7, "one"),
        ("ANY /parts/<int:pk>/", "parts/views.py", 7, "one"),
    ]


@pytest.mark.parametrize(
    "included",
    [
        'include("parts.urls")',
        "include(parts_urls)",
        'include(("parts.urls", "parts"), namespace="p")',
        'include((parts_urls, "parts"))',
        "include([path('', views.listing)])",
        "include((local, 'parts'))",
    ],
)
def test_a_table_is_included_by_its_text_its_module_or_as_a_list(included: str) -> None:
    urls = f"""
    from django.urls import include, path
    from parts import urls as parts_urls
    from parts import views

    local = [path("", views.listing)]
    urlpatterns = [path("api/", {included})]
    """
    inner = "from django.urls import path\nfrom . import views\nurlpatterns = [path('', views.listing)]\n"
    assert served(project(urls, parts__urls=inner)) == ["ANY /api/"]


def test_prefixes_nest_and_every_mount_of_a_table_counts() -> None:
    urls = """
    from django.urls import include, path

    urlpatterns = [path("v1/", include("parts.urls")), path("v2/", include("parts.urls"))]
    """
    inner = """
    from django.urls import include, path
    from parts import views

    urlpatterns = [path("parts/", include([path("<int:pk>/", views.one)]))]
    """
    assert served(project(urls, parts__urls=inner)) == ["ANY /v1/parts/<int:pk>/", "ANY /v2/parts/<int:pk>/"]


def test_a_table_is_put_together_by_sums_functions_loops_and_branches() -> None:
    urls = """
    from django.conf import settings
    from django.conf.urls.i18n import i18n_patterns
    from django.conf.urls.static import static
    from django.contrib import admin
    from django.urls import path
    from parts import views

    def more():
        return [path("more/", views.listing)]

    urlpatterns = [path("admin/", admin.site.urls)] + [path("sum/", views.listing)] + more()
    urlpatterns += i18n_patterns(path("translated/", views.listing))
    urlpatterns += static(settings.MEDIA_URL, document_root=settings.MEDIA_ROOT)
    urlpatterns.append(path("appended/", views.listing))
    urlpatterns.extend([path("extended/", views.listing)])
    for name in ("red", "blue"):
        urlpatterns += [path(f"{name}/", views.listing)]
    if settings.DEBUG:
        urlpatterns = [path("debug/", views.listing), *urlpatterns]
    """
    assert sorted(served(project(urls))) == [
        "ANY /appended/",
        "ANY /blue/",
        "ANY /debug/",
        "ANY /extended/",
        "ANY /more/",
        "ANY /red/",
        "ANY /sum/",
        "ANY /translated/",
    ]


def test_a_long_table_is_read_to_its_end() -> None:
    lines = "\n".join(f'        path("p{number}/", views.listing),' for number in range(90))
    urls = f"from django.urls import path\nfrom parts import views\nurlpatterns = [\n{lines}\n]\n"
    assert len(served(project(urls))) == 90


@pytest.mark.parametrize(
    ("decorator", "methods"),
    [
        ('@require_http_methods(["GET", "POST"])', "GET|POST"),
        ("@require_GET", "GET"),
        ("@require_POST", "POST"),
        ("@require_safe", "GET"),
        ('@api_view(["PUT", "DELETE"])', "PUT|DELETE"),
        ("@api_view()", "GET"),
        ("@login_required\n@csrf_exempt\n@require_POST", "POST"),
        ("@login_required", "ANY"),
        ("@own\n@require_POST", "POST"),
        ('@own_with("x")\n@require_POST', "POST"),
    ],
)
def test_a_function_has_the_methods_that_its_decorators_let_through(decorator: str, methods: str) -> None:
    views = f"""
from functools import wraps
from django.contrib.auth.decorators import login_required
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST, require_http_methods, require_safe
from rest_framework.decorators import api_view

def own(view):
    @wraps(view)
    def wrapper(request, *args, **kwargs):
        return view(request, *args, **kwargs)
    return wrapper

def own_with(name):
    def decorator(view):
        def wrapper(request, *args, **kwargs):
            return view(request, *args, **kwargs)
        return wrapper
    return decorator

{decorator}
def handler(request): ...
"""
    urls = "from django.urls import path\nfrom parts import views\nurlpatterns = [path('x/', views.handler)]\n"
    (only,) = found(project(urls, parts__views=views))
    assert (only.title, only.handler) == (f"{methods} /x/", "handler")


def test_a_class_is_one_endpoint_for_each_of_its_methods_and_an_inherited_one_stands_at_the_class() -> None:
    views = """
from django.views import View
from django.views.generic import CreateView, ListView, TemplateView

class Base(View):
    def get(self, request): ...

class Parts(Base):

    def post(self, request): ...
    def helper(self): ...

class Listing(ListView): ...

class Making(CreateView): ...

class Only(View):
    http_method_names = ["get"]
    def get(self, request): ...
    def post(self, request): ...
"""
    urls = """
    from django.contrib.auth.decorators import login_required
    from django.urls import path
    from django.views.generic import TemplateView
    from parts import views

    urlpatterns = [
        path("parts/", login_required(views.Parts.as_view())),
        path("list/", views.Listing.as_view()),
        path("make/", views.Making.as_view()),
        path("only/", views.Only.as_view()),
        path("about/", TemplateView.as_view(template_name="about.html")),
    ]
    """
    assert [one[:4] for one in found(project(urls, parts__views=views))] == [
        ("GET /parts/", "parts/views.py", 8, "Parts.get"),
        ("POST /parts/", "parts/views.py", 10, "Parts.post"),
        ("GET /list/", "parts/views.py", 13, "Listing.get"),
        ("GET /make/", "parts/views.py", 15, "Making.get"),
        ("POST /make/", "parts/views.py", 15, "Making.post"),
        ("GET /only/", "parts/views.py", 19, "Only.get"),
        ("GET /about/", "site_/urls.py", 12, "TemplateView.get"),
    ]


def test_views_of_a_library_are_no_endpoints_of_the_project() -> None:
    urls = """
    from django.contrib import admin
    from django.contrib.auth import views as auth_views
    from django.urls import include, path
    from rest_framework_simplejwt.views import TokenObtainPairView

    urlpatterns = [
        path("admin/", admin.site.urls),
        path("login/", auth_views.LoginView.as_view()),
        path("token/", TokenObtainPairView.as_view()),
        path("accounts/", include("allauth.urls")),
    ]
    """
    assert found(project(urls)) == []


# --- what is served ---------------------------------------------------------------------------------------------------

LOST = "from django.urls import path\nfrom parts import views\nurlpatterns = [path('lost/', views.listing)]\n"
ROOT = "from django.urls import path\nfrom parts import views\nurlpatterns = [path('here/', views.one)]\n"


def test_a_table_that_nothing_includes_is_not_served() -> None:
    files = project(ROOT, parts__urls=LOST)
    assert (served(files), unserved(files)) == (["ANY /here/"], ["ANY /lost/"])


def test_without_any_settings_nothing_is_said_to_be_unserved() -> None:
    files = {"parts/__init__.py": "", "parts/views.py": VIEWS, "parts/urls.py": LOST}
    assert (served(files), unserved(files)) == (["ANY /lost/"], [])


def test_the_settings_that_an_entry_names_decide_and_take_names_from_others() -> None:
    files = project(
        ROOT,
        site___settings="from site_.base import *\n",
        site___base='ROOT_URLCONF = "site_.urls"\n',
        site___other='ROOT_URLCONF = "parts.urls"\n',
        parts__urls=LOST,
    )
    assert (served(files), unserved(files)) == (["ANY /here/"], ["ANY /lost/"])


def test_where_the_settings_are_chosen_while_it_runs_each_of_them_counts() -> None:
    manage = """
    import os

    name = os.environ["STAGE"]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", f"site_.{name}")
    """
    files = project(ROOT, site___other='ROOT_URLCONF = "parts.urls"\n', parts__urls=LOST)
    assert sorted(served({**files, "manage.py": manage})) == ["ANY /here/", "ANY /lost/"]


def test_two_projects_in_one_repository_are_served_each_by_its_own_settings() -> None:
    files = {
        f"{folder}/{name}": text.replace("here/", f"{folder}/")
        for folder in ("shop", "blog")
        for name, text in project(ROOT).items()
    }
    assert sorted(served(files)) == ["ANY /blog/", "ANY /shop/"]


def test_an_application_of_another_framework_says_nothing_about_a_table() -> None:
    files = {
        "parts/__init__.py": "",
        "parts/views.py": VIEWS,
        "parts/urls.py": LOST,
        "main.py": "from fastapi import FastAPI\napp = FastAPI()\n",
    }
    assert (served(files), unserved(files)) == (["ANY /lost/"], [])


def test_a_table_that_includes_itself_ends() -> None:
    urls = """
    from django.urls import include, path
    from parts import views

    urlpatterns = [path("here/", views.listing), path("again/", include("site_.urls"))]
    """
    assert served(project(urls)) == ["ANY /here/"]


def test_the_chain_of_evidence_names_the_lines_of_the_tables() -> None:
    urls = "from django.urls import include, path\nurlpatterns = [path('api/', include('parts.urls'))]\n"
    (only,) = view(project(urls, parts__urls=LOST)).endpoints
    steps = [(step.at.file, step.at.line, step.message) for step in only.endpoint.evidence]
    assert steps[:3] == [
        ("parts/views.py", 4, "route ANY /api/lost/"),
        ("parts/urls.py", 3, "its router is mounted here"),
        ("site_/urls.py", 2, "its router is mounted here"),
    ]


def test_an_earlier_line_shadows_a_later_one_and_a_pattern_shadows_nothing() -> None:
    shadowing = """
    from django.urls import path
    from parts import views

    urlpatterns = [path("parts/<str:pk>/", views.one), path("parts/all/", views.listing)]
    """
    assert unserved(project(shadowing)) == ["ANY /parts/all/"]
    patterns = shadowing.replace("import path", "import path, re_path").replace(
        'path("parts/<str:pk>/"', 're_path(r"^parts/(?P<pk>[0-9]+)/$"'
    )
    assert unserved(project(patterns)) == []


def test_a_later_pattern_of_the_same_path_is_never_reached_whatever_its_methods() -> None:
    urls = """
    from django.urls import path
    from django.views import View
    from django.http import JsonResponse

    class Shown(View):
        def get(self, request):
            return JsonResponse({"parts": 1})

    class Made(View):
        def post(self, request):
            return JsonResponse({"parts": 2})

    urlpatterns = [
        path("parts/", Shown.as_view()),
        path("parts/", Made.as_view()),
        path("parts/new/", Made.as_view()),
    ]
    """
    assert unserved(project(urls)) == ["POST /parts/"]
    assert served(project(urls)) == ["GET /parts/", "POST /parts/new/"]


def test_the_methods_of_one_view_do_not_hide_each_other() -> None:
    urls = """
    from django.urls import path
    from django.views import View
    from django.http import JsonResponse

    class Parts(View):
        def get(self, request):
            return JsonResponse({"parts": 1})

        def post(self, request):
            return JsonResponse({"parts": 2})

    urlpatterns = [path("parts/", Parts.as_view())]
    """
    assert unserved(project(urls)) == []
