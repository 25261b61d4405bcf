"""`python -m tests.planting list | show ID | run | generated`: plant faults, score `bpdoctor`."""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.planting import generate
from tests.planting.check import check
from tests.planting.markers import load, names
from tests.planting.plant import plant, survey
from tests.planting.planted import Planted
from tests.planting.score import Result, by_slug, judge, judge_healthy, totals


def _all(options: argparse.Namespace) -> list[Planted]:
    """The planted faults that were asked for, in an order that mixes networks and slugs."""
    chosen = [n for n in names() if not options.network or n in options.network]
    chosen += [n for n in options.network or () if n.startswith("generated-")]
    chosen += [f"generated-{seed}" for seed in range(options.generated)]
    if options.network and not chosen:
        sys.exit(f"no network of that name: {', '.join(options.network)}")
    with ProcessPoolExecutor(options.jobs) as pool:
        found = [p for batch in pool.map(plant, chosen) for p in batch]
    found = [p for p in found if not options.slug or p.slug in options.slug]
    found.sort(key=lambda p: hashlib.sha1(f"{options.seed}{p.id}".encode()).hexdigest())
    found = _at_most(found, options.each) if options.each else found
    return found[: options.limit] if options.limit else found


def _at_most(found: list[Planted], each: int) -> list[Planted]:
    """The first few faults of every slug."""
    seen: Counter[str] = Counter()
    kept = []
    for p in found:
        seen[p.slug] += 1
        kept += [p] if seen[p.slug] <= each else []
    return kept


def _list(options: argparse.Namespace) -> int:
    found = sorted(_all(options), key=lambda p: p.id)
    for p in found:
        print(
            p.id,
            p.operator,
            f"line {','.join(map(str, p.lines)) or '-'}",
            "uniform" if p.uniform else "",
            sep="  ",
        )
    print(f"{len(found)} planted faults, {len({p.network for p in found})} networks", file=sys.stderr)
    for slug, count in Counter(p.slug for p in found).most_common():
        print(f"  {count:4} {slug}", file=sys.stderr)
    if options.discarded:
        for name in sorted({p.network for p in found}):
            for p, reason in survey(name):
                if reason:
                    print("discarded", p.id, p.operator, reason, sep="  ", file=sys.stderr)
    return 0


def _show(options: argparse.Namespace) -> int:
    shown = [p for p in plant(options.id.split(":")[0]) if p.id.startswith(options.id)]
    for p in shown:
        print(p.text if options.text else f"{p.diff()}\nlabel: {p.slug}, line {p.lines or '-'}\n")
    return 0 if shown else 1


def _judged(p: Planted) -> Result:
    return judge(p, *check(p.text, p.network))


def _healthy(name: str) -> Result:
    return judge_healthy(name, *check(load(name).text, name))


def _generated(seed: int) -> Result:
    return judge_healthy(f"generated-{seed}", *check(generate.program(seed).text, "generated"))


def _map(work: Callable[[Any], Result], items: Iterable[Any], jobs: int, what: str) -> list[Result]:
    results = []
    with ThreadPoolExecutor(jobs) as pool:
        for result in pool.map(work, items):
            results.append(result)
            if sys.stderr.isatty():
                print(f"\r{what} {len(results)}", end="", file=sys.stderr, flush=True)
    return results


def _alarms(results: list[Result]) -> None:
    alarms = [r for r in results if r.detected]
    unsure = [r for r in results if r.trouble or r.verdict == "inconclusive"]
    warned = [r for r in results if any(rule.startswith("warning") for rule in r.rules)]
    print(f"\nhealthy: {len(results)}, false alarms {len(alarms)}, warned {len(warned)}, unsure {len(unsure)}")
    for r in alarms:
        print(f"  FALSE ALARM {r.id}: {r.rule} at line {r.said_line}")
    for r in warned:
        print(f"  warning     {r.id}: {', '.join(rule for rule in r.rules if rule.startswith('warning'))}")
    for r in unsure:
        print(f"  unsure      {r.id}: {r.trouble or r.verdict}")


def _times(results: list[Result], begin: float) -> None:
    seconds = sorted(r.seconds for r in results) or [0.0]
    tail = seconds[int(0.9 * (len(seconds) - 1))]
    middle, total = seconds[len(seconds) // 2], time.perf_counter() - begin
    print(f"\ntime: {total:.0f} s; a check: median {middle:.2f} s, 90 % {tail:.2f} s")


def _misses(results: list[Result]) -> None:
    for r in sorted(results, key=lambda r: r.id):
        if not (r.cause and (r.line or not r.lines)):
            what = "missed" if not r.detected else "cause" if not r.cause else "line"
            said = r.trouble or f"{r.rule or r.verdict} at {r.said_line} {r.rules[1:3]}"
            print(f"  {what:6} {r.id} [{r.operator}] line {r.lines or '-'}: said {said}")


def _save(path: str, planted: list[Result], healthy: list[Result]) -> None:
    rows = {"planted": [asdict(r) for r in planted], "healthy": [asdict(r) for r in healthy]}
    Path(path).write_text(
        json.dumps(rows | {"totals": totals(planted)}, indent=1, ensure_ascii=False), encoding="utf-8"
    )


def _run(options: argparse.Namespace) -> int:
    begin = time.perf_counter()
    faults = _all(options)
    wanted = [n for n in names() if not options.network or n in options.network]
    healthy = [] if options.no_healthy else _map(_healthy, wanted, options.jobs, "healthy")
    results = _map(_judged, faults, options.jobs, "planted")
    if options.misses:
        _misses(results)
    print(f"\nplanted: {len(results)} faults in {len({r.network for r in results})} networks")
    for name, figure in totals(results).items():
        print(f"  {name:24} {figure}")
    print("\n" + "\n".join(by_slug(results)))
    _alarms(healthy)
    _times(results + healthy, begin)
    if options.json:
        _save(options.json, results, healthy)
    return 0


def _run_generated(options: argparse.Namespace) -> int:
    begin = time.perf_counter()
    seeds = range(options.first, options.first + options.count)
    results = _map(_generated, seeds, options.jobs, "generated")
    _alarms(results)
    _times(results, begin)
    if options.json:
        _save(options.json, [], results)
    return 1 if any(r.detected for r in results) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.planting", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    choose = argparse.ArgumentParser(add_help=False)
    choose.add_argument("--limit", type=int, default=0, help="at most N faults, a fixed mixed sample")
    choose.add_argument("--each", type=int, default=0, help="at most N faults of a slug")
    choose.add_argument("--seed", default="", help="another sample: any word or number")
    choose.add_argument("--generated", type=int, default=0, help="plant in N generated networks too")
    choose.add_argument("--network", action="append", help="only this network (repeatable)")
    choose.add_argument("--slug", action="append", help="only faults of this slug (repeatable)")
    choose.add_argument("--jobs", type=int, default=2)
    listing = commands.add_parser("list", parents=[choose], help="the planted faults")
    listing.add_argument("--discarded", action="store_true", help="also what was thrown away, and why")
    show = commands.add_parser("show", help="the diff of one planted fault")
    show.add_argument("id")
    show.add_argument("--text", action="store_true", help="the whole program instead")
    run = commands.add_parser("run", parents=[choose], help="score bpdoctor on planted faults and healthy networks")
    run.add_argument("--json", help="write every result to this file")
    run.add_argument("--misses", action="store_true", help="one line for each miss")
    run.add_argument("--no-healthy", action="store_true")
    made = commands.add_parser("generated", help="false alarms on generated healthy networks")
    made.add_argument("--count", type=int, default=50)
    made.add_argument("--first", type=int, default=0, help="the first seed")
    made.add_argument("--jobs", type=int, default=2)
    made.add_argument("--json")
    return parser


def main() -> int:
    """Dispatch."""
    options = _parser().parse_args()
    return {"list": _list, "show": _show, "run": _run, "generated": _run_generated}[options.command](options)


if __name__ == "__main__":
    sys.exit(main())
