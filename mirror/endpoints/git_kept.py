"""``Kept``: what is kept here of a branch that lies elsewhere, so that a push sends what changed.

A bare repository in the data folder, with the newest commit, its folders (git's "trees"), and
the files of the last pushes. It is made again, from a fetch of one commit without its files,
whenever it is lost: nothing in it is needed that the branch does not have.
"""

import asyncio
import contextlib
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from mirror.endpoints.git_run import MAX_OUTPUT, Git, Ran, end
from mirror.endpoints.git_stream import MADE, Base
from mirror.endpoints.git_words import STALE, here_in_words, in_words
from mirror.errors import EndpointError, EndpointRefusedError, EndpointUnreachableError

MOST_PACKS: Final = 40  # of pushes; then their files are let go, and the folders packed as one
MOST_BYTES: Final = 100_000_000  # of such packs, likewise

_SHOWN: Final = "refs/heads/shown"  # the commit that stands on the branch, as it is here
_COMMIT: Final = re.compile(r"[0-9a-f]{40}")
_REMOTE: Final = "elsewhere"
_LOCKS: Final = ("*.lock", "refs/heads/*.lock")


class StaleError(EndpointUnreachableError):
    """The branch is not where we thought it was: look again."""


class Kept:
    """The kept repository. Reading may overlap; all else is done one at a time by its user."""

    def __init__(self, mirror: str, git: Git) -> None:
        """Nothing is made yet; ``mirror`` is the name for errors."""
        self._mirror = mirror
        self._git = git
        self._ready = False
        self._opening = asyncio.Lock()
        self._fetching: asyncio.Task[None] | None = None
        self._base: Base | None = None
        self._sure = False  # that ``_base`` is what stands on the branch

    async def open(self) -> None:
        """Make the repository where it is not there, or not whole.

        Raises:
            EndpointRefusedError: It can't be made here.
        """
        async with self._opening:
            if self._ready and (self._git.folder / "HEAD").is_file():
                return
            self._sure, self._base = False, None
            if await self._is_whole():
                self._tidy("objects/pack/tmp_*", "fast_import_crash_*", *_LOCKS)
            else:
                await self._make()
            self._base = await self._about(_SHOWN)
            self._ready = True

    async def base(self) -> Base | None:
        """What stands on the branch; looked at where we can't be sure. None: no such branch.

        Raises:
            EndpointError: The host does not say.
        """
        return self._base if self._sure and self._ready else await self.look()

    async def look(self) -> Base | None:
        """Ask the host what stands on the branch; its folders are here afterwards.

        Raises:
            EndpointError: The host does not say.
        """
        await self.open()
        self._sure = False
        if self._fetching is None or self._fetching.done():
            self._tidy(*_LOCKS)  # nothing else runs: they are of a command that was ended
        ref = f"refs/heads/{self._git.place.branch}"
        ran = await self._run("-c", "protocol.version=0", "ls-remote", self._git.place.url, ref)
        self._check("looking at the branch", ran)
        found = dict(line.split("\t", 1)[::-1] for line in ran.out.decode().splitlines())
        commit = found.get(ref)
        if commit is None:
            self._base = None
        elif not _COMMIT.fullmatch(commit):
            raise EndpointRefusedError(self._mirror, "its repository names commits by SHA-256")
        elif self._base is None or self._base.commit != commit:
            await self._fetch(ref)
            if self._base is None or self._base.commit != commit:
                raise StaleError(self._mirror, "the branch moved on while it was read")
        self._sure = True
        return self._base

    async def read(self, base: Base, path: str, *, max_bytes: int) -> bytes | None:
        """The bytes of the file at ``path`` in ``base``, from here or from the host.

        Raises:
            EndpointUnreachableError: It is larger, or can't be had.
            EndpointRefusedError: Something else than a file stands there.
        """
        what = f"GET {path}"
        async with self._git.started("cat-file", "--batch") as process:
            if process.stdin is None or process.stdout is None or process.stderr is None:
                raise EndpointUnreachableError(self._mirror, f"{what}: no pipe to git")
            process.stdin.write(f"{base.commit}:{path}\n".encode())
            process.stdin.close()
            words = (await process.stdout.readline()).decode("utf-8", "replace").split()
            match words:
                case [_, "blob", size] if int(size) > max_bytes:
                    raise EndpointUnreachableError(self._mirror, f"{what}: over {max_bytes} bytes")
                case [_, "blob", size]:
                    return await process.stdout.readexactly(int(size))
                case [_, "missing"]:
                    return None
                case [_, kind, _]:
                    raise EndpointRefusedError(self._mirror, f"{what}: is no file but a {kind}")
            said = (await process.stderr.read(10_000)).decode("utf-8", "replace")
            raise in_words(self._mirror, what, said, self._git.secrets)

    async def importer(self) -> asyncio.subprocess.Process:
        """A running ``git fast-import``; the caller sees to its ``end``."""
        await self.open()
        try:
            return await self._git.start(
                "fast-import", "--quiet", "--done", "--force", "--date-format=raw"
            )
        except OSError as error:
            raise self._no_git(error) from None

    async def imported(self, process: asyncio.subprocess.Process) -> Base:
        """The commit that ``process`` has made, once it has been told all.

        Raises:
            EndpointError: It made none.
        """
        if process.stdin is not None:
            process.stdin.close()
        try:
            _, said = await process.communicate()
        finally:
            await end(process)
        if process.returncode == 0 and (made := await self._about(MADE)):
            return made
        self._sure = False
        await self._doubt()
        raise here_in_words(self._mirror, "making the commit", said.decode("utf-8", "replace"))

    async def push(self, made: Base, base: Base | None) -> None:
        """Put ``made`` in the place of ``base`` on the branch; the host sees to it that it is.

        Raises:
            StaleError: Something else stands there.
            EndpointError: The host took nothing, or did not say.
        """
        ref = f"refs/heads/{self._git.place.branch}"
        self._sure = False
        ran = await self._run(
            "push",
            "--porcelain",
            f"--force-with-lease={ref}:{base.commit if base else ''}",
            self._git.place.url,
            f"{made.commit}:{ref}",
        )
        said = ran.out.decode("utf-8", "replace") + ran.err
        if ran.status != 0 and STALE.search(said):
            raise StaleError(self._mirror, "the push: somebody else has pushed to this branch")
        self._check("the push", ran, said)
        await self._show(made.commit)
        self._base, self._sure = made, True

    async def slim(self) -> None:
        """Let the files of past pushes go, once there are many; nothing may be waiting."""
        packs = [one for one in self._packs() if not one.with_suffix(".promisor").exists()]
        if self._base is None or (
            len(packs) <= MOST_PACKS and sum(one.stat().st_size for one in packs) <= MOST_BYTES
        ):
            return
        old = list(self._packs())
        listed = await self._run(
            "rev-list", "--objects", "--no-object-names", "--filter=blob:none", "--max-count=1",
            self._base.commit,
        )  # fmt: skip
        names = self._git.folder / "objects" / "pack" / "pack"
        packed = await self._run("pack-objects", "--quiet", str(names), given=listed.out)
        name = packed.out.decode().strip()
        cut = len(listed.out) >= MAX_OUTPUT
        if cut or listed.status or packed.status or not _COMMIT.fullmatch(name):
            return  # it stays as large as it is
        new = names.with_name(f"pack-{name}.pack")
        new.with_suffix(".promisor").touch()
        for pack in old:
            for ending in (".pack", ".idx", ".rev", ".promisor") if pack != new else ():
                pack.with_suffix(ending).unlink(missing_ok=True)

    async def close(self) -> None:
        """End what runs."""
        if self._fetching:
            self._fetching.cancel()
            with contextlib.suppress(asyncio.CancelledError, EndpointError):
                await self._fetching
        self._git.close()

    def _packs(self) -> Iterator[Path]:
        return (self._git.folder / "objects" / "pack").glob("*.pack")

    def _tidy(self, *patterns: str) -> None:
        """Remove what a command that was ended in its midst has left."""
        for pattern in patterns:
            for file in self._git.folder.glob(pattern):
                file.unlink(missing_ok=True)

    async def _is_whole(self) -> bool:
        if not (self._git.folder / "HEAD").is_file():
            return False
        ran = await self._run("config", f"remote.{_REMOTE}.url")
        return ran.status == 0 and ran.out.decode().strip() == self._git.place.url

    async def _make(self) -> None:
        place = self._git.place
        await asyncio.to_thread(self._clear)
        ran = await self._run("init", "--quiet", "--bare", "--template=")
        for key, value in (
            ("core.repositoryFormatVersion", "1"),
            ("extensions.partialClone", _REMOTE),
            (f"remote.{_REMOTE}.url", place.url),
            (f"remote.{_REMOTE}.promisor", "true"),
            (f"remote.{_REMOTE}.partialCloneFilter", "blob:none"),
        ):
            if ran.status == 0:
                ran = await self._run("config", key, value)
        if ran.status != 0:
            raise here_in_words(self._mirror, "making the kept copy", ran.err)

    def _clear(self) -> None:
        shutil.rmtree(self._git.folder, ignore_errors=True)
        try:
            self._git.folder.mkdir(parents=True)
        except OSError as error:
            problem = f"{self._git.folder} can't be made: {error.strerror}; see to that folder"
            raise EndpointRefusedError(self._mirror, problem) from error

    async def _fetch(self, ref: str) -> None:
        """Go on even where nobody waits any more: the next one who asks, waits for the rest."""
        if self._fetching is None or self._fetching.done():
            self._fetching = asyncio.create_task(self._fetch_now(ref))
            self._fetching.add_done_callback(lambda done: done.cancelled() or done.exception())
        await asyncio.shield(self._fetching)

    async def _fetch_now(self, ref: str) -> None:
        ran = await self._run(
            "fetch", "--quiet", "--depth=1", "--filter=blob:none", "--no-tags", "--no-auto-gc",
            "--no-write-fetch-head", "--force", _REMOTE, f"{ref}:{_SHOWN}",
        )  # fmt: skip
        self._check("fetching the branch's folders", ran)
        self._base = await self._about(_SHOWN)
        if self._base:
            self._graft(self._base.commit)

    async def _show(self, commit: str) -> None:
        ran = await self._run("update-ref", _SHOWN, commit)
        if ran.status != 0:
            raise here_in_words(self._mirror, "noting the push", ran.err)
        self._graft(commit)

    def _graft(self, commit: str) -> None:
        """Have git believe that history begins here: so it compares trees, and not histories.

        Without, a commit that has no parent would be sent whole: git looks for what the host
        has already by the parents, but in a repository that is "shallow" by the trees.
        """
        (self._git.folder / "shallow").write_text(f"{commit}\n")

    async def _about(self, name: str) -> Base | None:
        ran = await self._run("log", "-1", "--no-show-signature", "--format=%H %T %ct", name, "--")
        words = ran.out.decode().split()
        if ran.status != 0 or len(words) != 3:  # noqa: PLR2004 - as the format says
            return None
        return Base(commit=words[0], tree=words[1], time=int(words[2]))

    async def _doubt(self) -> None:
        """What is kept may not be whole: it is made again by the next one who needs it."""
        if self._base and (await self._run("cat-file", "-e", self._base.tree)).status == 0:
            return
        self._ready = False
        await asyncio.to_thread(shutil.rmtree, self._git.folder, ignore_errors=True)

    async def _run(self, *arguments: str, given: bytes = b"") -> Ran:
        try:
            return await self._git.run(*arguments, given=given)
        except OSError as error:
            raise self._no_git(error) from None

    def _check(self, what: str, ran: Ran, said: str = "") -> None:
        if ran.status != 0:
            raise in_words(self._mirror, what, said or ran.err, self._git.secrets)

    def _no_git(self, error: OSError) -> EndpointError:
        if isinstance(error, FileNotFoundError):
            return EndpointRefusedError(self._mirror, "there is no git on this machine; install it")
        return EndpointUnreachableError(self._mirror, f"git: {error.strerror}")
