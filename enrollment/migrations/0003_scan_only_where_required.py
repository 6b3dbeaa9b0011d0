"""Whether a nomination sheet needs its stamped scan is what its notice says, kept when it is submitted."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("enrollment", "0002_check_ins_and_outcomes")]

    operations = [
        migrations.RemoveConstraint(model_name="nominationsheet", name="sheet_submitted_with_scan"),
        migrations.AddField(
            model_name="nominationsheet",
            name="scan_required",
            field=models.BooleanField(default=True, verbose_name="须附盖章扫描件"),
        ),
        migrations.AddConstraint(
            model_name="nominationsheet",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "submitted"), _negated=True),
                    models.Q(("scan", ""), _negated=True),
                    ("scan_required", False),
                    _connector="OR",
                ),
                name="sheet_submitted_with_scan_where_required",
            ),
        ),
    ]
