"""Which files of a folder are read, and in which order."""

from pathlib import Path

from inkctl.markdown import Skipped, SourcePost, files_in, read_files
from inkctl.markdown.folder import LONGEST_FILE


def written(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"---\ntitle: {path.stem}\ndate: 2019-03-18\n---\nBody\n", encoding="utf-8")


def test_markdown_files_are_found_at_any_depth_and_sorted(tmp_path: Path) -> None:
    written(tmp_path, "b.md", "a.markdown", "old/c.mkd", "old/er/d.MDOWN", "e.txt", "LICENSE", ".hidden.md", ".git/f.md", "_site/g.md")

    names = [path.relative_to(tmp_path).as_posix() for path in files_in(tmp_path)]

    assert ["a.markdown", "b.md", "old/c.mkd", "old/er/d.MDOWN"] == names


def test_every_file_becomes_a_post_or_is_skipped_with_its_reason(tmp_path: Path) -> None:
    written(tmp_path, "a.markdown", "a.md", "b.md")
    (tmp_path / "big.md").write_bytes(b"a" * (LONGEST_FILE + 1))
    (tmp_path / "gone.md").symlink_to(tmp_path / "nowhere.md")

    results = list(read_files(files_in(tmp_path), tmp_path))

    assert ["a", "b"] == [post.source_id for post in results if isinstance(post, SourcePost)]
    assert {
        "a.md": "a.markdown is the same post",
        "big.md": f"it has {LONGEST_FILE + 1:,} bytes, of at most {LONGEST_FILE:,}",
        "gone.md": "it can not be read: No such file or directory",
    } == {result.path.as_posix(): result.reason for result in results if isinstance(result, Skipped)}
