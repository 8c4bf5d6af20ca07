import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("week", "0002_one_owner")]

    operations = [
        migrations.RemoveConstraint(model_name="waitingowner", name="waiting_owner_of_one"),
        migrations.RemoveIndex(model_name="waitingowner", name="waiting_owner_of_plan"),
        migrations.RemoveField(model_name="waitingowner", name="plan"),
        migrations.AlterField(
            model_name="waitingowner",
            name="waiting",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="owners",
                to="week.waiting",
            ),
        ),
    ]
