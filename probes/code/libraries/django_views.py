"""Django's class-based views, as far as data flows through them."""

from __future__ import annotations

from typing import Final

from assay.probes.code.libraries.base import LibrarySource

SOURCE: Final = LibrarySource(
    name="django.views.generic",
    modules=(
        "django.views",
        "django.views.generic.base",
        "django.views.generic.list",
        "django.views.generic.detail",
        "django.views.generic.edit",
        "django.views.generic.dates",
    ),
    text="""
from __assay__ import given
from django.forms import ModelForm
from django.shortcuts import redirect, render


class View:
    def __init__(self, **kwargs):
        for name, value in kwargs.items():
            setattr(self, name, value)


class ContextMixin:
    extra_context = None

    def get_context_data(self, **kwargs):
        return {**kwargs}


class TemplateResponseMixin:
    def get_template_names(self):
        return [self.template_name]

    def render_to_response(self, context, **kwargs):
        return render(self.request, self.template_name, context)


class TemplateView(TemplateResponseMixin, ContextMixin, View):
    def get(self, request, *args, **kwargs):
        return self.render_to_response(self.get_context_data(**kwargs))


class RedirectView(View):
    def get_redirect_url(self, *args, **kwargs):
        return self.url

    def get(self, request, *args, **kwargs):
        return redirect(self.get_redirect_url(*args, **kwargs))


class MultipleObjectMixin(ContextMixin):
    queryset = None
    model = None

    def get_queryset(self):
        if given(self.queryset):
            return self.queryset.all()
        return self.model.objects.all()

    def get_context_data(self, **kwargs):
        return {"object_list": self.object_list, **kwargs}

    def paginate_queryset(self, queryset, page_size):
        return (None, queryset, queryset, True)


class BaseListView(MultipleObjectMixin, View):
    def get(self, request, *args, **kwargs):
        self.object_list = self.get_queryset()
        context = self.get_context_data()
        return self.render_to_response(context)


class MultipleObjectTemplateResponseMixin(TemplateResponseMixin):
    pass


class ListView(MultipleObjectTemplateResponseMixin, BaseListView):
    pass


class ArchiveIndexView(ListView):
    pass


class YearArchiveView(ListView):
    pass


class MonthArchiveView(ListView):
    pass


class DayArchiveView(ListView):
    pass


class TodayArchiveView(ListView):
    pass


class SingleObjectMixin(ContextMixin):
    queryset = None
    model = None

    def get_queryset(self):
        if given(self.queryset):
            return self.queryset.all()
        return self.model.objects.all()

    def get_object(self, queryset=None):
        if given(queryset):
            return queryset.get(**self.kwargs)
        return self.get_queryset().get(**self.kwargs)

    def get_context_data(self, **kwargs):
        return {"object": self.object, **kwargs}


class BaseDetailView(SingleObjectMixin, View):
    def get(self, request, *args, **kwargs):
        self.object = self.get_object()
        context = self.get_context_data(object=self.object)
        return self.render_to_response(context)


class SingleObjectTemplateResponseMixin(TemplateResponseMixin):
    pass


class DetailView(SingleObjectTemplateResponseMixin, BaseDetailView):
    pass


class DateDetailView(DetailView):
    pass


class FormMixin(ContextMixin):
    form_class = None
    success_url = None

    def get_initial(self):
        return {}

    def get_form_class(self):
        return self.form_class

    def get_form_kwargs(self):
        return {"data": self.request.POST, "files": self.request.FILES}

    def get_form(self, form_class=None):
        if given(form_class):
            return form_class(**self.get_form_kwargs())
        return self.get_form_class()(**self.get_form_kwargs())

    def get_success_url(self):
        return self.success_url

    def form_valid(self, form):
        return redirect(self.get_success_url())

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form))


class ProcessFormView(View):
    def get(self, request, *args, **kwargs):
        return self.render_to_response(self.get_context_data())

    def post(self, request, *args, **kwargs):
        form = self.get_form()
        if form.is_valid():
            return self.form_valid(form)
        return self.form_invalid(form)


class BaseFormView(FormMixin, ProcessFormView):
    pass


class FormView(TemplateResponseMixin, BaseFormView):
    pass


class ModelFormMixin(FormMixin, SingleObjectMixin):
    object = None

    def get_form_class(self):
        if given(self.form_class):
            return self.form_class
        return ModelForm

    def get_form_kwargs(self):
        if given(self.form_class):
            return {"data": self.request.POST, "files": self.request.FILES, "instance": self.object}
        if given(self.model):
            return {"data": self.request.POST, "instance": self.object, "of": self.model}
        return {"data": self.request.POST, "instance": self.object, "of": self.queryset.model}

    def get_context_data(self, **kwargs):
        return {"object": self.object, **kwargs}

    def form_valid(self, form):
        self.object = form.save()
        return redirect(self.get_success_url())


class BaseCreateView(ModelFormMixin, ProcessFormView):
    pass


class CreateView(SingleObjectTemplateResponseMixin, BaseCreateView):
    pass


class BaseUpdateView(ModelFormMixin, ProcessFormView):
    def get(self, request, *args, **kwargs):
        self.object = self.get_object()
        return self.render_to_response(self.get_context_data())

    def post(self, request, *args, **kwargs):
        self.object = self.get_object()
        form = self.get_form()
        if form.is_valid():
            return self.form_valid(form)
        return self.form_invalid(form)


class UpdateView(SingleObjectTemplateResponseMixin, BaseUpdateView):
    pass


class DeletionMixin:
    success_url = None

    def get_success_url(self):
        return self.success_url

    def delete(self, request, *args, **kwargs):
        self.object = self.get_object()
        return self.form_valid(None)


class BaseDeleteView(DeletionMixin, FormMixin, BaseDetailView):
    http_method_names = ["get", "post"]

    def form_valid(self, form):
        self.object.delete()
        return redirect(self.get_success_url())

    def post(self, request, *args, **kwargs):
        return self.delete(request, *args, **kwargs)


class DeleteView(SingleObjectTemplateResponseMixin, BaseDeleteView):
    pass
""",
)
