"""Django's forms: what was sent comes out cleaned, and a model form writes its model."""

from __future__ import annotations

from typing import Final

from assay.probes.code.libraries.base import LibrarySource

SOURCE: Final = LibrarySource(
    name="django.forms",
    modules=("django.forms.forms", "django.forms.models", "django.contrib.auth.forms"),
    text="""
from __assay__ import given
from django.contrib.auth import get_user_model


class BaseForm:
    def __init__(self, data=..., files=..., instance=None, of=None, **kwargs):
        self.data = data
        self.files = files
        self.cleaned_data = data
        self.instance = instance
        self.of = of

    def clean(self):
        return self.cleaned_data

    def is_valid(self):
        self.clean()
        return bool(self.data)

    def add_error(self, field, error):
        return None


class Form(BaseForm):
    pass


class BaseModelForm(BaseForm):
    def get_model(self):
        if given(self.of):
            return self.of
        return self.Meta.model

    def save(self, commit=True):
        instance = self.instance if given(self.instance) else self.get_model()(**self.cleaned_data)
        instance.changed = self.cleaned_data
        if commit:
            instance.save()
        return instance

    def save_m2m(self):
        return None


class ModelForm(BaseModelForm):
    pass


class BaseUserCreationForm(ModelForm):
    def get_model(self):
        return get_user_model()


class UserCreationForm(BaseUserCreationForm):
    pass


class UserChangeForm(BaseUserCreationForm):
    pass
""",
)
