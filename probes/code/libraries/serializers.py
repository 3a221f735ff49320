"""The serializers of Django REST framework: rows in, data out; data in, rows written."""

from __future__ import annotations

from typing import Final

from assay.probes.code.libraries.base import LibrarySource

SOURCE: Final = LibrarySource(
    name="rest_framework.serializers",
    modules=(),
    text="""
from __assay__ import given, represented


class BaseSerializer:
    def __init__(self, instance=None, data=..., many=False, partial=False, context=None, **kwargs):
        self.instance = instance
        self.initial_data = data
        self.validated_data = data
        self.many = many
        self.context = context
        self.errors = {}

    def validate(self, attrs):
        return attrs

    def run_validation(self, data):
        return self.validate(data)

    def is_valid(self, raise_exception=False):
        self.validated_data = self.run_validation(self.initial_data)
        return bool(self.initial_data)

    def to_internal_value(self, data):
        return data

    def to_representation(self, instance):
        return represented(self, instance)

    @property
    def data(self):
        if given(self.instance):
            if self.many:
                return [self.to_representation(one) for one in self.instance]
            return self.to_representation(self.instance)
        return self.to_representation(self.validated_data)

    def create(self, validated_data):
        raise NotImplementedError

    def update(self, instance, validated_data):
        raise NotImplementedError

    def save(self, **kwargs):
        values = {**self.validated_data, **kwargs}
        if given(self.instance):
            self.instance = self.update(self.instance, values)
        else:
            self.instance = self.create(values)
        return self.instance


class Serializer(BaseSerializer):
    pass


class ModelSerializer(Serializer):
    def create(self, validated_data):
        return self.Meta.model.objects.create(**validated_data)

    def update(self, instance, validated_data):
        instance.changed = validated_data
        instance.save()
        return instance


class HyperlinkedModelSerializer(ModelSerializer):
    pass


class ListSerializer(BaseSerializer):
    pass
""",
)
