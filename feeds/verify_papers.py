"""``verify_papers``: the verdict on articles with their proofs, handed on without their mirror."""

import re
from typing import Final

from feeds.errors import TreeError, UnreadableError
from feeds.paths import PROOF_ENDING, keyring_version, proof_path
from feeds.verify_file import MAX_SAVED_BYTES, verify_file
from feeds.verify_reader import Listing, Reader, read_one
from feeds.verify_report import Findings, Report, Verdict
from feeds.verify_trust import Pin
from keys.proof import MAX_PROOF_BYTES

MAX_PAGES: Final = 300  # each is proven by itself

_MEDIA: Final = re.compile(r"m/[0-9a-f]{2}/([0-9a-f]{64})\.[a-z0-9]{2,5}")
_SHOWN: Final = re.compile(rb"m/[0-9a-f]{2}/[0-9a-f]{64}\.[a-z0-9]{2,5}")


def verify_papers(reader: Reader, listing: Listing, pin: Pin) -> Report:
    """Say of each page in ``reader`` whether it was published.

    A picture under ``m/`` counts where a page that is genuine shows it; keyrings under
    ``log/keys/`` are taken from there. Never raises.

    Args:
        reader: Where they are; it holds no head of a mirror.
        listing: What it lists.
        pin: The keyring that is trusted.
    """
    return _Papers(reader, listing, pin).run()


class _Papers:
    def __init__(self, reader: Reader, listing: Listing, pin: Pin) -> None:
        self.reader = reader
        self.pin = pin
        self.strange = listing.strange
        self.tree: Reader | None = reader if any(map(keyring_version, listing.files)) else None
        files = sorted(path for path in listing.files if not keyring_version(path))
        self.media = [path for path in files if _MEDIA.fullmatch(path)]
        rest = [path for path in files if not _MEDIA.fullmatch(path)]
        self.pages = [path for path in rest if not path.endswith(PROOF_ENDING)]
        self.proofs = {path for path in rest if path.endswith(PROOF_ENDING)}
        self.beside = {
            path: proof_path(path) for path in self.pages if proof_path(path) in self.proofs
        }
        if len(self.pages) == len(self.proofs) == 1:
            self.beside = {self.pages[0]: next(iter(self.proofs))}
        self.findings = Findings()
        self.reports: list[Report] = []
        self.shown: set[str] = set()

    def run(self) -> Report:
        for path, problem in self.strange.items():
            self.findings.add(Verdict.NOT_GENUINE, path, f"{problem}, which no mirror holds")
        for path in self.pages[:MAX_PAGES]:
            self._page(path)
        if len(self.pages) > MAX_PAGES:
            problem = f"more than {MAX_PAGES} pages without a mirror's head: verify fewer at once"
            self.findings.add(Verdict.COULD_NOT_TELL, "", problem)
        for path in self.media:
            self._picture(path)
        for path in sorted(self.proofs.difference(self.beside.values())):
            problem = "is a proof without the article that it belongs to"
            self.findings.add(Verdict.COULD_NOT_TELL, path, problem)
        if not self.findings.kept:
            problem = "neither a mirror's log/checkpoint nor an article with its proof is in it"
            self.findings.add(Verdict.COULD_NOT_TELL, "", problem)
        findings, more = self.findings.ordered()
        proven = [report for report in self.reports if report.head]
        single = proven[0] if len(proven) == 1 else None
        return Report(
            verdict=self.findings.verdict,
            findings=findings,
            more=more,
            head=single.head if single else None,
            files=len(self.reports) + len(self.media),
            proofs=len(proven),
            keyring=max((report.keyring for report in self.reports), default=0),
            path=single.path if single else "",
        )

    def _page(self, path: str) -> None:
        try:
            data = read_one(self.reader, path, max_bytes=MAX_SAVED_BYTES)
            proof = None
            if path in self.beside:
                proof = read_one(self.reader, self.beside[path], max_bytes=MAX_PROOF_BYTES)
        except TreeError as error:
            self.findings.add(Verdict.COULD_NOT_TELL, error.path, error.problem)
            return
        report = verify_file(data, proof, self.pin, tree=self.tree)
        self.reports.append(report)
        for finding in report.findings:
            self.findings.add(finding.verdict, path, finding.problem)
        if report.verdict is Verdict.GENUINE:
            self.shown.update(link.decode() for link in _SHOWN.findall(data))

    def _picture(self, path: str) -> None:
        if path not in self.shown:
            problem = "belongs to no article here that is genuine"
            self.findings.add(Verdict.COULD_NOT_TELL, path, problem)
            return
        for _, found in self.reader.hash_many([path]):
            match = _MEDIA.fullmatch(path)
            if isinstance(found, TreeError):
                lighter = isinstance(found, UnreadableError)
                verdict = Verdict.COULD_NOT_TELL if lighter else Verdict.NOT_GENUINE
                self.findings.add(verdict, path, found.problem)
            elif match and match[1] != found:
                self.findings.add(Verdict.NOT_GENUINE, path, "is not what was published")
