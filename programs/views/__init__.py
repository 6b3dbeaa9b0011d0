"""Pages of programmes, projects and classes."""

from django.http import HttpRequest


def seen_version(request: HttpRequest) -> int:
    """The version of the record that the posted form was made from; 0, which no record has, when it says none."""
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
