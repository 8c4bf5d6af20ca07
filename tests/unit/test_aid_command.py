"""The command `aid` writes all its files or leaves what was there."""

from pathlib import Path

from click.testing import CliRunner

from overstory.cli import main

RUTH = Path(__file__).parents[2] / "examples" / "patients" / "ruth.yaml"


def aid(*arguments):
    return CliRunner().invoke(main, ["aid", *map(str, arguments)])


def test_a_file_that_cannot_take_its_place_leaves_nothing_behind(tmp_path):
    (tmp_path / "ruth-aid-en.html").mkdir()

    done = aid(RUTH, "--out", tmp_path, "--format", "html")

    assert done.exit_code == 2
    assert [each.name for each in tmp_path.iterdir()] == ["ruth-aid-en.html"]


def test_a_long_name_is_cut(tmp_path):
    patient = tmp_path / "p.yaml"
    patient.write_text(RUTH.read_text().replace("id: ruth", f"id: {'é' * 64}"))

    done = aid(patient, "--out", tmp_path / "aids", "--format", "html")

    assert done.exit_code == 0
    assert [each.name for each in (tmp_path / "aids").iterdir()] == ["é" * 60 + "-aid-en.html"]


def test_only_its_owner_may_read_an_aid(tmp_path):
    aid(RUTH, "--out", tmp_path, "--format", "html")

    assert (tmp_path / "ruth-aid-en.html").stat().st_mode & 0o077 == 0
