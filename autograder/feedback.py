"""The page a student reads: marks, the reason of each lost point, what isolated the grading.

Author's messages and the student's own cells only; no hidden test, no traceback of ours.
"""

import html
from itertools import groupby

from autograder.outcome import (
    BY_HAND,
    COULD_NOT_RUN,
    FAILED,
    MISSING,
    PASSED,
    Result,
    TaskResult,
)
from autograder.source import Plan

WORDS = {PASSED: "passed", FAILED: "not yet", COULD_NOT_RUN: "could not run", BY_HAND: "by hand"}
CLASSES = {PASSED: "good", FAILED: "bad", COULD_NOT_RUN: "open", BY_HAND: "open"}
UNWRITTEN = "This part is still as it was handed out."
ADVICE = {  # reason -> what to do next
    MISSING: "The tests ask for a name that your notebook did not define. Restart the kernel, run "
             "all cells from the top, and mend the first one that stops.",
    "timeout": "Look for a loop that never ends, or that does one by one what a tensor operation "
               "does at once.",
    "memory": "Look for a tensor or a list that grows far beyond what the task needs.",
    "died": "Look for a call that ends Python, such as exit().",
    "not on the wire": "What your code gave is not of a kind that the task asks for.",
    "not allowed": "The grader runs your cells in one process, without the network. Work without "
                   "what the message names.",
    "unreadable": "Open the file in Jupyter. If it does not open, save your notebook again and "
                  "hand it in anew.",
    "our own error": "The grader is at fault here, and not you.",
}

STYLE = """
:root{color-scheme:light dark;
--page:#f6f7f9;--card:#fff;--ink:#1c2430;--soft:#5b6675;--line:#dde2e9;
--good:#17693a;--good-bg:#e2f4e8;--bad:#a3261c;--bad-bg:#fdeae7;--open:#7a4b00;--open-bg:#fdf1d9;
--bar:#2f6fde}
@media(prefers-color-scheme:dark){:root{--page:#12161c;--card:#1b212a;--ink:#e6eaf0;--soft:#a0abba;
--line:#303947;--good:#8fe0ac;--good-bg:#173524;--bad:#ffb3aa;--bad-bg:#42201d;--open:#f5cf8a;
--open-bg:#3b2e14;--bar:#7aa7ff}}
*{box-sizing:border-box}body{margin:0;background:var(--page);color:var(--ink);
font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:46rem;margin:0 auto;padding:1.5rem 1rem 3rem}
h1{font-size:1.5rem;line-height:1.25;margin:0 0 .2rem}h2{font-size:1.1rem;margin:2rem 0 .6rem}
p{margin:.4rem 0}.soft{color:var(--soft)}
.card{background:var(--card);border:1px solid var(--line);border-radius:.7rem;padding:.9rem 1rem;
margin:.7rem 0}
.score{display:flex;align-items:baseline;gap:.5rem;font-size:2.2rem;font-weight:700}
.score small{font-size:1.1rem;font-weight:400;color:var(--soft)}
.track{height:.6rem;border-radius:.3rem;background:var(--line);overflow:hidden}
.track i{display:block;height:100%;background:var(--bar)}
h3{font-size:1rem;margin:0 0 .3rem}
.parts{list-style:none;margin:0;padding:0}.parts li{display:grid;align-items:baseline;
grid-template-columns:minmax(0,1fr) auto 3.5rem;gap:.1rem .6rem;padding:.15rem 0}
.parts span:first-child{overflow-wrap:anywhere}.parts span:last-child{text-align:right;
font-variant-numeric:tabular-nums}
.said{border-left:.25rem solid var(--bar);padding-left:.7rem;white-space:pre-wrap}
.chip{border-radius:1rem;padding:.05rem .6rem;font-size:.85rem;font-weight:600;white-space:nowrap}
.good{color:var(--good);background:var(--good-bg)}.bad{color:var(--bad);background:var(--bad-bg)}
.open{color:var(--open);background:var(--open-bg)}
pre{margin:.7rem 0 0;padding-top:.6rem;border-top:1px solid var(--line);
white-space:pre-wrap;overflow-wrap:anywhere;
font:.875rem/1.5 ui-monospace,"SF Mono",Menlo,Consolas,monospace}
details{margin:.6rem 0}summary{cursor:pointer}
dl{display:grid;grid-template-columns:minmax(7rem,max-content) 1fr;gap:.2rem 1rem;margin:.6rem 0 0;
font-size:.9rem}dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
@media print{body{background:#fff}.card{break-inside:avoid}}
"""

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}: {student}</title>
<style>{style}</style>
</head>
<body>
<main>
<header>
<h1>{title}</h1>
<p class="soft">Feedback for {student}</p>
<div class="card">
<div class="score">{points} <small>of {most} points</small></div>
<div class="track" aria-hidden="true"><i style="width:{share}%"></i></div>
{notes}</div>
</header>
<h2>Tasks</h2>
{tasks}
<h2>Your cells, as they were graded</h2>
{cells}
<h2>How this was graded</h2>
<div class="card">
{isolation}
</div>
</main>
</body>
</html>
"""


def number(points: float) -> str:
    """Points without a needless fraction."""
    return f"{points:g}"


def page(plan: Plan, texts: dict[str, str], result: Result) -> str:
    """One self-contained HTML page; it asks nothing of the network."""
    final = max(0.0, result.final)
    share = 100 * final / result.max_points if result.max_points else 0
    groups = groupby(result.tasks, lambda task: task.title)
    return PAGE.format(
        title=html.escape(plan.title), student=html.escape(result.student), style=STYLE,
        points=number(final), most=number(result.max_points), share=min(100, round(share)),
        notes="".join(f"<p>{html.escape(note[:1].upper() + note[1:])}</p>\n"
                      for note in _notes(result)),
        tasks="\n".join(_group(plan.key, title, [*tasks], result) for title, tasks in groups),
        cells="\n".join(_cell(name, texts.get(name), result) for name in plan.solutions),
        isolation=_isolation(result))


def _notes(result: Result) -> list[str]:
    """What there is to say on the whole notebook."""
    notes = []
    if result.held.get("penalty"):
        notes.append(f"Handed in late: {number(result.held['penalty'])} points less.")
    open_points = sum(task.max_points for task in result.tasks
                      if task.undecided and not _points(task, result)[1])
    if open_points:
        notes.append(f"{number(open_points)} points are open: a person will look at what could "
                     f"not be decided, and until then it counts 0.")
    if result.handed_in and "handed in" not in result.held:
        notes.append("The time of the hand-in could not be read, so it counts as in time.")
    notes += result.notes
    return [*notes, *(ADVICE[reason] for reason in {task.reason for task in result.tasks}
                      if reason == "unreadable")]


def _group(key: str, title: str, tasks: list[TaskResult], result: Result) -> str:
    """The graded cells below one heading: a line each, then each message once."""
    lines = "".join(_line(key, task, result) for task in tasks)
    by_words: dict[str, list[TaskResult]] = {}
    for task in tasks:
        by_words.setdefault(_message(task), []).append(task)
    told = "".join(_told(key, words, about, len(by_words) > 1)
                   for words, about in by_words.items() if words and words not in result.notes)
    heading = html.escape(title or _label(key, tasks[0]))
    return f'<section class="card"><h3>{heading}</h3><ul class="parts">{lines}</ul>{told}</section>'


def _line(key: str, task: TaskResult, result: Result) -> str:
    """How one graded cell ended, and the points that count: a person's before the grader's."""
    points, by_hand = _points(task, result)
    words, colour = WORDS[task.outcome], CLASSES[task.outcome]
    if task.unwritten:
        words, colour = "not written", "open"
    if by_hand:
        words, colour = "by hand", "good" if points >= task.max_points else "open"
    return (f'<li><span>{html.escape(_label(key, task))}</span>'
            f'<span class="chip {colour}">{words}</span>'
            f"<span>{number(points)} / {number(task.max_points)}</span></li>")


def _points(task: TaskResult, result: Result) -> tuple[float, bool]:
    """What counts for a task, and whether a person said so."""
    manual = result.held.get("manual", {}).get(task.name)
    points = task.points if manual is None else manual
    return points + result.held.get("extra", {}).get(task.name, 0.0), manual is not None


def _label(key: str, task: TaskResult) -> str:
    return task.name.removeprefix(f"{key}-").removesuffix("-test")


def _message(task: TaskResult) -> str:
    """What there is to say; a tick and a count of what passed say no more than the line does."""
    if task.unwritten:
        return UNWRITTEN
    lines = task.message.split("\n")
    short = task.outcome == PASSED and lines[0].startswith("✓")
    return "\n".join(lines[1:]) if short else task.message


def _told(key: str, words: str, tasks: list[TaskResult], several: bool) -> str:
    """A message, the cells that it is about where others have another, and what to do."""
    about = f"{', '.join(_label(key, task) for task in tasks)}:\n" if several else ""
    first = tasks[0]
    after = []
    if first.mistake:
        after.append(f"A known mistake: {first.mistake}")
    if not first.unwritten and first.reason in ADVICE:
        after.append(ADVICE[first.reason])
    if first.undecided:
        after.append("It counts 0 until a person has looked at it.")
    return (f"<pre>{html.escape(about + words)}</pre>"
            + "".join(f'<p class="soft">{html.escape(line)}</p>' for line in after))


def _cell(name: str, text: str | None, result: Result) -> str:
    """A cell to unfold; one that a person commented on is open."""
    shown = "(not in the notebook)" if text is None else html.escape(text)
    comment = result.held.get("comments", {}).get(name, "")
    said = f'<p class="said">{html.escape(comment)}</p>' if comment else ""
    return (f'<details class="card"{" open" if comment else ""}><summary>{html.escape(name)}'
            f'</summary>{said}<pre tabindex="0">{shown}</pre></details>')


def _isolation(result: Result) -> str:
    if not result.isolation:
        return "<p>Nothing of this submission was run.</p>"
    rows = "".join(f"<dt>{html.escape(name)}</dt><dd>{html.escape(words)}</dd>"
                   for name, words in sorted(result.isolation.items()))
    return (f"<p>Your code ran in a process of its own, apart from the tests, and never on the "
            f"side that keeps the marks. Active around it:</p><dl>{rows}</dl>"
            f'<p class="soft">{result.seconds:.1f} s, {result.cpu_seconds:.1f} s of processor, '
            f"{result.peak_bytes / 2**20:.0f} MiB at most.</p>")
