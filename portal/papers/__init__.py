"""Papers: HTML templates become PDF with a public code; print runs of any length; anybody can verify a paper.

An app registers a kind in its `papers.py` (imported from `apps.ready()`):

    register_kind(PaperKind(
        code="enrollment.recommendation_form",
        label=_("学员推荐表"),
        template="enrollment/papers/recommendation_form.html",   # extends papers/base.html
        roles=frozenset({Role.SCHOOL_ADMIN, ...}),
        rows=lambda: Enrollment.objects.select_related("teacher", ...),   # has visible_to(actor)
        context=recommendation_contexts,   # subjects -> plain dicts, constant queries
        facts=recommendation_facts,        # what a stranger may see
    ))

and prints with `print_papers(actor, None, kind=..., subjects=keys, copies=3)` (a job) or `print_one(actor, kind, key)` (now);
both return the `PaperBatch`, whose page shows progress and gives the file. When a subject ends, its papers do:
`revoke_for(kind, keys, reason=...)`.

In templates: cells that hold people's prose are `td.text`, opinions `td.opinion` with `papers/seal.html`; columns take their
width from `<col class="w-12">`; `{% tick checked label %}` draws a box; numbers such as years must not be localised
(`{{ year|unlocalize }}` or a string), for thousands separators are on.
"""
