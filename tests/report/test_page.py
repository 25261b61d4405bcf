"""The page in HTML: complete, offline, harmless whatever the program is called or says, and drawn by a browser."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import bpdoctor
from bpdoctor.pipeline import Options as Asked
from bpdoctor.pipeline import check_path
from bpdoctor.report import Options, formats
from tests.report.pages import BROWSER, console, measured, parsed
from tests.report.samples import HEALTHY, NET, REFUSED, SICK, rendered

CASES = Path(__file__).resolve().parents[2] / "cases"
PAGE = formats()["html"]
HOSTILE = """
import numpy as np
"</pre><script>alert('text')</script><img src=x onerror=alert(1)>"
rng = np.random.default_rng(0)
X, y = rng.normal(size=(8, 3)), rng.normal(size=(8, 1))
w = {"</code><script>alert(1)</script>\\u202e": rng.normal(size=(3, 1)) * 0.3}
name, = w
for _ in range(50):
    out = X @ w[name]
    loss = np.mean((out - y) ** 2)
    grad = X.T @ (out - y)  # <script src="https://example.org/evil.js"></script> \u202e
    w["</code><script>alert(1)</script>\\u202e"] = w[name] + 0.01 * grad
"""


def page_of(path: Path, **options: Any) -> str:
    report = check_path(str(path), Asked(pictures=True, **options))
    return rendered(PAGE, [report], Options(sources={str(path): path.read_text(encoding="utf-8")}))


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One wrong gradient, one net that is ill without one, one that is right."""
    folder = tmp_path_factory.mktemp("pages")
    programs = {
        "wrong": CASES / "double-activation-derivative" / "sick.py",
        "dead": CASES / "dead-relu" / "sick.py",
        "right": CASES / "healthy" / "xor_tanh.py",
    }
    out = {}
    for name, program in programs.items():
        out[name] = folder / f"{name}.html"
        out[name].write_text(page_of(program), encoding="utf-8")
    return out


def assert_sound(html: str) -> None:
    """What holds for every page."""
    page = parsed(html)
    names = [tag for tag, _ in page.tags]
    assert not {"script", "iframe", "object", "embed", "link", "base", "form", "img", "foreignobject"} & set(names)
    policy = next(m["content"] for m in page.all("meta") if m.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'") and "script" not in policy
    addresses = [
        v for _, attrs in page.tags for k, v in attrs.items() if k in ("href", "src", "srcset", "data", "action")
    ]
    assert all(address.startswith("#") for address in addresses)
    style = "".join(re.findall(r"<style>(.*?)</style>", html, re.S))
    assert "url(" not in style and "@import" not in style
    assert not [a for _, attrs in page.tags for a in attrs if a.startswith("on")]
    drawings = page.all("svg")
    assert all(d.get("role") == "img" and d.get("aria-label") for d in drawings)
    anchors = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(anchors) == len(set(anchors))
    assert {address[1:] for address in addresses} <= set(anchors)


@pytest.mark.parametrize("name", ["wrong", "dead", "right"])
def test_pages_are_sound(pages: dict[str, Path], name: str) -> None:
    assert_sound(pages[name].read_text(encoding="utf-8"))


def test_reports_without_pictures_are_pages_too() -> None:
    html = rendered(PAGE, [SICK, HEALTHY, REFUSED], Options(sources={"net.py": NET}))
    assert_sound(html)
    assert parsed(html).text.count("Environment") == 3


def test_the_map_shows_the_first_divergence(pages: dict[str, Path]) -> None:
    """The output's delta is where it begins; what lies below the hidden layer follows from it."""
    html = pages["wrong"].read_text(encoding="utf-8")
    standings = [attrs["class"].split()[0] for attrs in parsed(html).all("li") if attrs.get("class")]
    standings = [s for s in standings if s in ("agrees", "first", "follows", "diverges", "unseen")]
    assert standings == ["follows", "follows", "first", "agrees", "unseen"]
    right = parsed(pages["right"].read_text(encoding="utf-8")).all("li")
    assert not {"first", "follows", "diverges"} & {attrs.get("class") for attrs in right}


def test_hostile_programs_stay_text(tmp_path: Path) -> None:
    program = tmp_path / "<script>alert(2)<" / "<img src=x onerror=alert(3)>.py"
    program.parent.mkdir()
    program.write_text(HOSTILE.replace("\\u202e", "\u202e"), encoding="utf-8")
    html = page_of(program)
    assert_sound(html)
    told = parsed(html).text
    assert "<script>alert(1)</script>" in told and "<img src=x onerror=alert(3)>.py" in told
    assert "\u202e" not in html and "\\u202e" in html


browser = pytest.mark.skipif(BROWSER is None, reason="no Chromium is installed")


@browser
@pytest.mark.parametrize("name", ["wrong", "dead", "right"])
def test_a_browser_has_nothing_to_complain_about(pages: dict[str, Path], name: str) -> None:
    assert console(pages[name]) == []


@browser
def test_complaints_are_seen(pages: dict[str, Path], tmp_path: Path) -> None:
    """The test above can fail: a script that the page's policy forbids is complained about."""
    copy = tmp_path / "page.html"
    html = pages["right"].read_text(encoding="utf-8")
    copy.write_text(html.replace("</main>", "<script>1</script></main>"), encoding="utf-8")
    assert any("Content Security Policy" in line for line in console(copy))


@browser
@pytest.mark.parametrize("width", [500, 1100])  # the narrowest window that a browser without a screen has
def test_a_browser_draws_the_plots(pages: dict[str, Path], width: int) -> None:
    seen = measured(pages["wrong"], f"--window-size={width},900")
    drawn = {d["told"].split(":")[0]: d for d in seen["drawings"]}
    assert any("difference quotients" in told for told in drawn)
    assert sum("relative error of each entry" in told for told in drawn) == 4
    assert all(d["marks"] > 0 and 4 <= d["box"][0] <= width and d["box"][1] >= 4 for d in seen["drawings"])
    assert seen["wide"] <= 0


@browser
def test_dark_mode(pages: dict[str, Path]) -> None:
    light, dark = (measured(pages["right"], f"--blink-settings=preferredColorScheme={k}")["paper"] for k in (1, 0))
    assert light == "rgb(255, 255, 255)" and dark != light


@browser
def test_a_browser_draws_the_run(pages: dict[str, Path]) -> None:
    told = " ".join(d["told"] for d in measured(pages["dead"])["drawings"])
    for part in (
        "as it is: from",
        "with the fix: from",
        "activations of self.a1",
        "7 of 9 units of self.a1",
        "norm of the gradient by layer",
    ):
        assert part in told


def test_before_and_after(pages: dict[str, Path]) -> None:
    assert "Loss before and after the fix" in pages["wrong"].read_text(encoding="utf-8")
    assert "before and after" not in pages["right"].read_text(encoding="utf-8")


def test_a_report_writes_its_own_page() -> None:
    report = bpdoctor.check(CASES / "healthy" / "xor_tanh.py", pictures=True)
    assert_sound(report.to_html())
    assert "Map of the computation" in report.to_html()


def test_the_pictures_measure_the_mistake() -> None:
    """The reference meets the differences, the wrong gradient does not; the numbers on the map are the program's."""
    program = CASES / "double-activation-derivative" / "sick.py"
    pictures = check_path(str(program), Asked(pictures=True, fix=False)).pictures
    assert pictures is not None and pictures.convergence
    for one in pictures.convergence:
        assert list(one.steps) == sorted(one.steps, reverse=True)
        assert min(one.reference) < 1e-5 and min(one.claimed) > 1e-2
    first = next(p for p in pictures.places if p.standing == "first")
    assert first.span is not None and first.span.line == 41
    assert first.mine is not None and first.mine.span is not None and first.mine.span.line == 47
    assert {heat.parameter: heat.grid.shape for heat in pictures.heats}["self.pesos_oculta"] == (2, 8)
