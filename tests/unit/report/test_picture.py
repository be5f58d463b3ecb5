from pathlib import Path

from kingtide.report.picture import main

PRIME_TIME = Path(__file__).parents[3] / "examples" / "prime-time"
README_BYTES_MAX = 300_000


def test_the_readme_s_picture_is_made_from_a_run_and_small(tmp_path: Path) -> None:
    picture = tmp_path / "images" / "prime-time.png"
    main(str(PRIME_TIME), str(picture))
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size < README_BYTES_MAX
