"""Vouchers: checked when they come, kept out of the web's reach, each look audited. Source: domain facts §3.4."""

from __future__ import annotations

from django.core.files.uploadedfile import UploadedFile
from django.db.models.fields.files import FieldFile
from django.utils.translation import gettext_lazy

from finance.models import Expense, Voucher, VoucherRequirement
from finance.reach import KEEPERS, READS_ALL, reads_all
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.scope import Scope, own
from portal.uploads import SCANS, check_file
from programs.models import TrainingClass

# The office, its authority and the auditors look into every base's vouchers.
everywhere = Scope("全部基地", lambda actor, subject: reads_all(actor))


@operation(
    "finance.open_voucher",
    gettext_lazy("查看凭证"),
    roles=[*KEEPERS, *READS_ALL],
    scope=own("training_class.base") | everywhere,
    clauses=["CQ20-5.5"],
)
def open_voucher(act: Act, voucher: Voucher) -> FieldFile:
    """The voucher's file, to be sent."""
    act.changed(voucher, after={"opened": voucher.name})
    return voucher.file


def attach(
    act: Act,
    training_class: TrainingClass,
    file: UploadedFile[bytes],
    *,
    expense: Expense | None = None,
    requirement: VoucherRequirement | None = None,
) -> Voucher:
    """Check the file and keep it. For use inside an operation. Raises FileRefused for what is no PDF, JPG or PNG."""
    checked = check_file(file, SCANS)
    field = Voucher._meta.get_field("file")
    path = field.storage.save(field.generate_filename(Voucher(), checked.path), file)
    return Voucher.objects.create(
        training_class=training_class,
        expense=expense,
        requirement=requirement,
        file=path,
        name=checked.name,
        sha256=checked.sha256,
        by_name=act.actor.name,
        at=act.now,
    )
