from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("assessment", "0005_results_certificates_and_opinions")]

    operations = [
        migrations.AddField(
            model_name="survey",
            name="reminded",
            field=models.CharField(blank=True, editable=False, max_length=40),
        ),
    ]
