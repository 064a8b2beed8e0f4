"""A report in words for people, and as JSON for machines."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from feeds.verify import Report, Verdict

_SHOWN: Final = 20  # findings on a screen; JSON has more

_FIRST: Final = {
    Verdict.GENUINE: "all {files} files are as the publisher signed them",
    Verdict.UPDATING: ("a push is under way; what is here is genuine, by this head or by the next"),
    Verdict.BEHIND: "genuine, but a newer edition was seen elsewhere",
    Verdict.STALE: "genuine, but old",
    Verdict.INCOMPLETE: "files are missing; nothing was found to be false",
    Verdict.NOT_GENUINE: "this is not what the publisher signed",
    Verdict.ROLLED_BACK: "an older state is shown than before",
    Verdict.FORKED: "the publisher's keys signed two histories that contradict each other",
    Verdict.COULD_NOT_TELL: "nothing can be said, neither good nor bad",
}
_NEXT: Final = {
    Verdict.UPDATING: "Look again in a few minutes.",
    Verdict.BEHIND: "Look again later, or use another mirror.",
    Verdict.STALE: "Use another mirror if you want news; what is here is genuine as of its date.",
    Verdict.INCOMPLETE: "Copy or fetch it again, or use another mirror.",
    Verdict.NOT_GENUINE: "Do not trust it or pass it on; tell the publisher where you got it.",
    Verdict.ROLLED_BACK: "Do not use this mirror; tell the publisher.",
    Verdict.FORKED: "Trust neither. Keep the evidence, and tell the publisher by another way.",
    Verdict.COULD_NOT_TELL: "Mend what is named above, then verify again.",
}


def as_text(report: Report, saved: Sequence[Path]) -> str:
    """What a person reads: the verdict first, then why, then what to do."""
    lines = [_first(report)]
    lines += [f"  {finding}" for finding in report.findings[:_SHOWN]]
    left = max(len(report.findings) - _SHOWN, 0) + report.more
    if left:
        lines.append(f"  … and {left} more findings (--json shows more)")
    lines += _facts(report)
    lines += [f"Evidence: {file}" for file in saved]
    if report.evidence and not saved:
        lines.append("Evidence: verify again with --state FOLDER or --json to keep both heads.")
    if report.verdict in _NEXT:
        lines.append(_NEXT[report.verdict])
    return "\n".join(lines)


def as_json(report: Report, saved: Sequence[Path]) -> str:
    """One object: ``verdict``, ``size``, ``files``, ``findings``, and what else is known."""
    head = report.head
    return json.dumps(
        {
            "verdict": str(report.verdict),
            "size": report.size,
            "files": report.files,
            "findings": [
                {
                    "verdict": str(finding.verdict),
                    "path": finding.path.encode("utf-8", "backslashreplace").decode(),
                    "problem": finding.problem.encode("utf-8", "backslashreplace").decode(),
                }
                for finding in report.findings
            ],
            "more": report.more,
            "origin": head.origin if head else None,
            "time": f"{head.time:%Y-%m-%dT%H:%M:%SZ}" if head and head.time else None,
            "path": report.path or None,
            "keyring": report.keyring,
            "proofs": report.proofs,
            "evidence": [note.decode("utf-8", "replace") for note in report.evidence],
            "saved": [str(file) for file in saved],
        },
        ensure_ascii=False,
    )


def _first(report: Report) -> str:
    if report.verdict is Verdict.GENUINE and report.path:
        return "genuine: this file is what the publisher signed"
    if report.verdict is Verdict.GENUINE and report.sampled:
        return f"genuine: the {report.files} files looked at are as the publisher signed them"
    return f"{report.verdict}: {_FIRST[report.verdict].format(files=report.files)}"


def _facts(report: Report) -> list[str]:
    head = report.head
    if head is None:
        return []
    time = head.time if report.path else head.fresh  # of a file, that it was there; else, of now
    seen = f", confirmed on {time:%Y-%m-%d %H:%M} UTC" if time else ""
    words = f"Head of {head.size} entries of {head.origin}{seen}; keyring {report.keyring}"
    return [f"{words}; proofs checked: {report.proofs}."]
