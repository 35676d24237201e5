# runs with packages that are not installed here
# mypy: ignore-errors
"""``django_import.py DATABASE FILE``: a workbook of projects into a table by django-import-export."""

import sys
from pathlib import Path
from urllib.parse import urlsplit

import django
import tablib
from django.conf import settings
from measured import tell

url = urlsplit(sys.argv[1])
database = {
    "ENGINE": "django.db.backends.postgresql",
    "NAME": url.path.lstrip("/"),
    "USER": url.username,
    "PASSWORD": url.password,
    "HOST": url.hostname,
    "PORT": url.port,
}
settings.configure(
    DATABASES={"default": database}, INSTALLED_APPS=["import_export"], DEFAULT_AUTO_FIELD="django.db.models.AutoField"
)
django.setup()

from django.db import connection, models  # noqa: E402 - after the settings
from import_export import resources  # noqa: E402

_KINDS = {
    "start": models.DateField,
    "end": models.DateField,
    "milestones.due": models.DateField,
    "milestones.completed": models.DateField,
    "budget.amount": models.FloatField,
    "areas.percent": models.FloatField,
    "activities.percent": models.FloatField,
    "targets.count": models.FloatField,
}


def columns_of(path: Path) -> list[str]:
    """The names in the first row."""
    return tablib.Dataset().load(path.read_bytes(), format="xlsx").headers


def resource_for(names: list[str]) -> resources.ModelResource:
    """A model with these columns, its table, and the resource that imports into it; every row is validated."""
    fields = {name.replace(".", "_"): _field(name) for name in names}
    meta = type("Meta", (), {"app_label": "import_export"})
    model = type("BenchProject", (models.Model,), {**fields, "Meta": meta, "__module__": __name__})
    with connection.schema_editor() as editor:
        editor.create_model(model)
    options = {
        "model": model,
        "import_id_fields": ("project_code",),
        "clean_model_instances": True,
        "use_bulk": True,
        "use_transactions": True,
        "batch_size": 1000,
    }
    return type("ProjectResource", (resources.ModelResource,), {"Meta": type("Meta", (), options)})()


def _field(name: str) -> models.Field:
    if name == "project_code":
        return models.TextField(unique=True)
    return _KINDS.get(name, models.TextField)(null=True, blank=True)


def main(resource: resources.ModelResource, path: Path) -> None:
    """Read the workbook and import it in one transaction."""
    read = tablib.Dataset().load(path.read_bytes(), format="xlsx")
    read.headers = [name.replace(".", "_") for name in read.headers]
    result = resource.import_data(read, raise_errors=True)
    if result.has_validation_errors():
        raise SystemExit(str(result.invalid_rows[0].error))


file = Path(sys.argv[2])
prepared = resource_for(columns_of(file))
tell(lambda: main(prepared, file))
