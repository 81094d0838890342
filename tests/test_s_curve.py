"""The table that says how surely near-duplicates are found."""

from click.testing import CliRunner

from cleaner.cli import main
from cleaner.config import Config
from cleaner.passages.candidates import choose_level_bands
from cleaner.passages.minhash import meet_probability
from cleaner.passages.s_curve import render_s_curve


def test_default_table() -> None:
    """Both levels have the bands that the run takes, and reach the recall asked for."""
    settings = Config().match
    head, *lines = [line.split() for line in render_s_curve(settings).splitlines()]
    assert head[-8:] == ["0.3", "0.4", "0.5", "0.6", "0.7", "0.8", "0.9", "1.0"]
    for line, (level, (bands, rows)) in zip(
        lines, choose_level_bands(settings).items(), strict=True
    ):
        assert line[:4] == [level, str(bands), "x", str(rows)]
        chances = [float(share.rstrip("%")) for share in line[4:]]
        assert chances == sorted(chances)
        assert chances[4] == round(100 * meet_probability(0.7, bands, rows), 1)
        assert chances[-1] == 100
    document, paragraph = lines
    assert float(document[8].rstrip("%")) >= 90
    assert float(paragraph[6].rstrip("%")) >= 90


def test_command_explains_what_it_was_given() -> None:
    """`clean config --explain` prints the table of the configuration that a run would have."""
    changed = Config().replace(match={"candidate_recall": 0.99})
    options = ["config", "--explain", "--set", "match.candidate_recall=0.99"]
    result = CliRunner().invoke(main, options)
    assert (result.exit_code, result.stdout) == (0, render_s_curve(changed.match))
    assert result.stdout != render_s_curve(Config().match)
