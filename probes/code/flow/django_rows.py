"""What calling the parts of Django does that are neither its web framework nor its object mapper.

A cache is no store: what is read from it came from elsewhere, and what is put into it is no data of record.
"""

from __future__ import annotations

from typing import Final

from assay.probes.code.flow.does import Does, table

_CACHE: Final = "django.core.cache.cache."
EXACT: Final[dict[str, Does]] = {
    **table(Does.EXTERNAL, "set add set_many incr decr touch delete delete_many clear aset adelete", _CACHE),
    **table(Does.EXTERNAL, "send_mail send_mass_mail mail_admins mail_managers EmailMessage", "django.core.mail."),
    **table(Does.EXTERNAL, "EmailMessage.().send EmailMultiAlternatives.().send", "django.core.mail."),
    **table(Does.CLOCK, "now localtime localdate", "django.utils.timezone."),
    **table(Does.WRAP, "django.db.transaction.atomic django.utils.decorators.method_decorator"),
    **table(Does.DETACH, "django.db.transaction.on_commit"),
    **table(Does.PURE, "django.urls.reverse django.urls.reverse_lazy django.shortcuts.resolve_url"),
    **table(Does.NOTHING, "login logout alogin alogout update_session_auth_hash", "django.contrib.auth."),
    **table(Does.TOKEN, "django.middleware.csrf.get_token django.middleware.csrf.rotate_token"),
    **table(Does.TOKEN, "django.utils.crypto.get_random_string django.utils.http.urlsafe_base64_encode"),
    **table(Does.PAGE, "render_to_string get_template select_template", "django.template.loader."),
    **table(Does.SAME, "django.forms.models.model_to_dict django.forms.model_to_dict"),
    **table(Does.SAME, "django.core.paginator.Paginator django.utils.safestring.mark_safe"),
    **table(Does.SAME, "gettext gettext_lazy ugettext ugettext_lazy", "django.utils.translation."),
    **table(Does.FILE_WRITE, "save delete", "django.core.files.storage.default_storage."),
}
PREFIXES: Final[tuple[tuple[str, Does], ...]] = (
    ("django.core.cache.", Does.NOTHING),
    ("django.contrib.messages.", Does.NOTHING),
    ("django.core.signing.", Does.TOKEN),
    ("django.contrib.auth.hashers.", Does.TOKEN),
    ("django.contrib.auth.tokens.", Does.TOKEN),
    ("rest_framework_simplejwt.tokens.", Does.TOKEN),
    ("django.utils.", Does.PURE),
)
