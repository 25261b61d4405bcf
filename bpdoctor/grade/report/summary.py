"""The class at a glance: how the points are spread, which faults how many made, what was slow or ungradable."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from html import escape

from bpdoctor.grade.assignment import Assignment
from bpdoctor.grade.marks import Grade
from bpdoctor.grade.report.page import document, table
from bpdoctor.grade.report.rubric import merged, points
from bpdoctor.grade.store import Row
from bpdoctor.model.record import record

_BINS = 10


@record
class Cluster:
    """Students who went wrong alike: the same diagnosis of the same line."""

    check: str
    part: str
    slug: str
    symptom: str
    count: int
    example: str


def clusters(rows: Mapping[str, Row]) -> list[Cluster]:
    """Group what went wrong by diagnosis, the commonest first; the example names nobody."""
    found: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    texts: dict[tuple[str, str, str], str] = {}
    for row in rows.values():
        for line in merged(row.grade):
            if line.status != "passed" and line.slug != "ungradable":
                key = (line.check, line.part, line.slug)
                found[key].append(line.place)
                texts[key] = line.symptom
    listed = [Cluster(*key, texts[key], len(where), min(where)) for key, where in found.items()]
    return sorted(listed, key=lambda c: (-c.count, c.check, c.part, c.slug))


def spread(rows: Mapping[str, Row]) -> list[int]:
    """Return how many students reached each tenth of the points."""
    counts = Counter(min(int(_BINS * _share(row.grade)), _BINS - 1) for row in rows.values())
    return [counts[i] for i in range(_BINS)]


def as_text(assignment: Assignment, rows: Mapping[str, Row]) -> str:
    """Return the summary for a terminal."""
    scores = sorted(row.grade.score for row in rows.values())
    if not scores:
        return "no submissions\n"
    mean, middle = sum(scores) / len(scores), scores[len(scores) // 2]
    rungs = ", ".join(sorted({row.rung for row in rows.values()}))
    out = [
        f"{assignment.title}: {len(scores)} submissions, isolation {rungs}",
        f"points of {points(assignment.points)}: mean {mean:.2f}, median {points(middle)}, "
        f"from {points(scores[0])} to {points(scores[-1])}",
    ]
    counts = spread(rows)
    for i, count in enumerate(counts):
        out.append(f"  {10 * i:3d}-{10 * (i + 1):3d} %  {count:5d}  {'#' * round(40 * count / max(counts))}")
    common = clusters(rows)[:10]
    out += ["commonest faults:"] * bool(common)
    out += [f"  {c.count:5d}  {c.check}, {c.part or 'all'}: {c.symptom or c.slug}" for c in common]
    bad = [(s, r.grade.problem) for s, r in rows.items() if _ungradable(r.grade)]
    out += [f"not graded: {len(bad)}"] * bool(bad) + [f"  {s}: {p}" for s, p in bad[:20]]
    flagged = [(s, r.grade.flags) for s, r in rows.items() if r.grade.flags]
    out += [f"to look at: {len(flagged)}"] * bool(flagged) + [f"  {s}: {'; '.join(f)}" for s, f in flagged[:20]]
    return "\n".join(out) + "\n"


def as_html(assignment: Assignment, rows: Mapping[str, Row]) -> str:
    """Return the summary as a page."""
    counts = spread(rows)
    body = [f"<h1>{escape(assignment.title)}</h1>", f"<p>{len(rows)} submissions</p>", "<h2>Points</h2>", "<table>"]
    for i, count in enumerate(counts):
        width = 30 * count / max(*counts, 1)
        bar = f'<span class="bar" style="width:{width:.1f}rem"></span>'
        body.append(f'<tr><td class="n">{10 * i}-{10 * (i + 1)} %</td><td>{bar} {count}</td></tr>')
    body += ["</table>", "<h2>What went wrong</h2>"]
    wrong = [
        [(str(c.count), "n"), (c.check, ""), (c.part or "all", ""), (c.symptom or c.slug, ""), (c.example, "")]
        for c in clusters(rows)
    ]
    body.append(table(["students", "check", "line", "diagnosis", "one example"], wrong))
    slow = sorted(rows.items(), key=lambda item: -item[1].seconds)[:10]
    body += ["<h2>Slowest</h2>", table(["", "seconds"], [[(s, ""), (f"{r.seconds:.2f}", "n")] for s, r in slow])]
    bad = [[(s, ""), (r.grade.problem, "")] for s, r in rows.items() if _ungradable(r.grade)]
    body += ["<h2>Not graded</h2>", table(["", "because"], bad)] if bad else []
    flagged = [[(s, ""), ("; ".join(r.grade.flags), "")] for s, r in rows.items() if r.grade.flags]
    body += ["<h2>To look at</h2>", table(["", "flag"], flagged)] if flagged else []
    listed = [[(s, ""), (points(r.grade.score), "n")] for s, r in rows.items()]
    body += ["<h2>Everyone</h2>", table(["", "points"], listed)]
    return document(assignment.title, body)


def _share(grade: Grade) -> float:
    return grade.score / grade.most if grade.most else 0.0


def _ungradable(grade: Grade) -> bool:
    return bool(grade.lines) and all(line.slug == "ungradable" for line in grade.lines)
