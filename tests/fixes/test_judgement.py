"""When a changed program counts as better."""

from __future__ import annotations

from dataclasses import replace

from bpdoctor.model.report import Finding, Fix, GradientResult, Loss, Mark, Parameter, Report, Subject
from bpdoctor.model.source import Edit, Span
from bpdoctor.pipeline.judgement import better, consequences, line_after, same_loss


def place(line: int) -> Span:
    return Span("net.py", line, 5, line, 10)


def finding(rule: str, line: int, severity: str = "error", follows: tuple[str, ...] = ()) -> Finding:
    return Finding("BP000", rule, severity, rule, Mark(place(line), ""), follows=follows)  # type: ignore[arg-type]


def report(*findings: Finding, sizes: tuple[int, ...] = (6, 3), loss: tuple[float, float] | None = None) -> Report:
    names = [f"p{k}" for k in range(len(sizes))]
    subject = Subject(tuple(Parameter(n, (size,), 1) for n, size in zip(names, sizes, strict=True)))
    gradients = tuple(GradientResult(n, "ok", 0.0, 0.0, None, 1) for n in names)
    verdict = "sick" if any(f.severity == "error" for f in findings) else "healthy"
    progress = {} if loss is None else {"first": loss[0], "last": loss[1]}
    return Report("net.py", "script", verdict, subject, gradients, findings, progress=progress)


STALE = finding("stale-weights-in-backward", 9)
EDIT = (Edit(place(3), "x"),)


def test_health_is_better() -> None:
    assert better(report(STALE), report(), STALE, EDIT)


def test_what_could_not_be_examined_is_not() -> None:
    assert not better(report(STALE), replace(report(), verdict="inconclusive"), STALE, EDIT)


def test_the_same_finding_on_its_moved_line_is_not_gone() -> None:
    other = finding("stale-weights-in-backward", 20)
    added = (Edit(Span("net.py", 2, 1, 2, 1), "a = 0\nb = 0\n"),)
    assert line_after(place(9), added) == 11
    moved = (finding(STALE.rule, 11),)
    assert not better(report(STALE, other), report(*moved), STALE, added)


def test_a_new_kind_of_finding_is_not_better() -> None:
    assert not better(report(STALE, STALE), report(finding("non-finite", 4)), STALE, EDIT)


def test_a_parameter_that_is_no_longer_trained_is_lost() -> None:
    assert not better(report(STALE), report(sizes=(6, 2)), STALE, EDIT)


def test_a_lost_update_must_train_more() -> None:
    lost = finding("parameter-never-updated", 9)
    assert not better(report(lost), report(), lost, EDIT)
    assert better(report(lost), report(sizes=(6, 3, 1)), lost, EDIT)


def test_a_warning_must_be_gone() -> None:
    high = finding("learning-rate-too-high", 9, "warning")
    assert not better(report(high), report(finding(high.rule, 12, "warning")), high, EDIT)
    assert not better(report(high), report(finding("dead-relu", 12, "warning")), high, EDIT)


def test_training_must_end_lower() -> None:
    high = finding("learning-rate-too-high", 9, "warning")
    before = report(high, loss=(1.0, 0.5))
    assert better(before, report(loss=(1.0, 0.4)), high, EDIT)
    assert not better(before, report(loss=(1.0, 0.6)), high, EDIT)
    assert not better(before, report(loss=(0.3, 0.4)), high, EDIT)


def test_a_short_trial_cures_nothing_of_the_long_run() -> None:
    """What only a long run shows is not gone because the trial was short."""
    wrong = finding("wrong-gradient", 9, follows=("p0",))
    symmetric = finding("symmetric-initialisation", 3)
    still = report(finding("wrong-gradient", 12, follows=("p1",)))
    assert not better(report(wrong, symmetric), still, wrong, EDIT, quick=True)


def with_loss(made: Report, loss: Loss) -> Report:
    return replace(made, subject=replace(made.subject, loss=loss))


COMPUTED = Loss("np.mean(e ** 2)", 9, "computed", False, slopes=(1.0, -2.0, 0.5))


def test_gradients_of_another_loss_are_no_cure() -> None:
    other = Loss("cross-entropy", None, "cross-entropy", True, slopes=(1.0, 2.0, 0.5))
    assert not better(with_loss(report(STALE), COMPUTED), with_loss(report(), other), STALE, EDIT)
    assert better(with_loss(report(STALE), COMPUTED), with_loss(report(), COMPUTED), STALE, EDIT)


def test_one_loss_may_be_called_by_two_names() -> None:
    halved = Loss("squared error", None, "squared error", True, slopes=(0.5, -1.0, 0.25))
    assert same_loss(COMPUTED, halved, EDIT)
    later = replace(halved, slopes=(0.3, -0.8, 0.1))
    assert not same_loss(COMPUTED, later, EDIT)
    assert same_loss(replace(COMPUTED, others=("squared error",)), later, EDIT)


def test_a_loss_that_was_rewritten_is_the_same() -> None:
    edits = (
        Edit(Span("net.py", 2, 1, 2, 1), "a = 0\nb = 0\n"),
        Edit(Span("net.py", 9, 8, 9, 23), "np.mean(np.square(e))"),
    )
    rewritten = Loss("np.mean(np.square(e))", 11, "computed", False)
    assert same_loss(COMPUTED, rewritten, edits)
    assert not same_loss(COMPUTED, replace(rewritten, line=12), edits)


def test_a_part_of_a_statement_that_was_not_touched_is_another_loss() -> None:
    part = Loss("np.sum(w * w)", 11, "computed", False, slopes=(0.1, 0.2, 0.5))
    assert not same_loss(COMPUTED, part, (Edit(Span("net.py", 2, 1, 2, 1), "a = 0\nb = 0\n"),))


def test_a_gradient_that_was_right_and_is_scaled_is_worse() -> None:
    after = replace(report(), gradients=(GradientResult("p0", "scaled", 0.0, 0.0, 3.0, 1), report().gradients[1]))
    assert not better(report(STALE), after, STALE, EDIT)


def test_what_is_right_after_a_fix_of_another_followed_from_what_it_cures() -> None:
    named = finding("transposed-weights", 9, follows=("p0",))
    follower, other = (
        finding("wrong-gradient", 12, follows=("p1",)),
        finding("attention-gradient", 13, follows=("p1",)),
    )
    mended = replace(finding("wrong-gradient", 14, follows=("p1",)), fix=Fix("write `x`", "safe", True, (), ""))
    predicted = replace(finding("bias-gradient-scale", 15, follows=("p1",)), residual=1e-16)
    found = [named, follower, other, mended, predicted]
    assert consequences(named, found, report()) == [follower, other]
    left = replace(report(), gradients=(GradientResult("p0", "ok", 0.0, 0.0, None, 1),))
    assert consequences(named, [named, follower, other], left) == []
