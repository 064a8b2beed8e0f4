"""``tamizdat keys``: the keys that readers know the mirror by, and how they are replaced."""

import asyncio
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from typer import Argument, Option

from keys.errors import KeysFormatError
from keys.files import read_key, read_public, write_key
from keys.keyring import Keyring, SignedKeyring
from keys.minisign import public_line
from keys.note import MAX_NOTE_BYTES, Kind, SigningKey, VerifierKey
from keys.standing import Ending
from mirror.config import Config, Secret, load
from mirror.config.values import parse_duration
from mirror.errors import ConfigError, KeysError
from mirror.keystore import CLOCK, LOG, NEXT, OLD, ROOT, in_groups, key_path, read_keyrings

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    help="Make, show, sign and replace keys and keyrings.",
)

ConfigOption = Annotated[Path, Option("--config", help="The configuration, or a folder of them.")]
ExpiresOption = Annotated[
    str, Option(help="First day on which it counts no more, like 2027-02-24. Default: its life.")
]
WitnessOption = Annotated[str, Option(help="Instead of the log key: the key of this witness.")]
NewOption = Annotated[str, Option(help="With --witness: its new public key.")]
DEFAULT_CONFIG = Path("config.toml")


class Role(StrEnum):
    """What a new key is for."""

    ROOT = ROOT
    LOG = LOG
    WITNESS = "witness"


@app.command()
def show(*, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Show fingerprint, keyring and public keys; nothing secret, and no passphrase is needed."""
    for newsroom in load(config):
        typer.echo(_shown(newsroom))


@app.command()
def new(
    role: Annotated[Role, Argument(help="What the key is for.")],
    name: Annotated[str, Argument(help="Its name for ever, like news.example/mirror/root/b.")],
    file: Annotated[Path, Option("--out", help="The key file to make; never written over.")],
    *,
    passphrase_file: Annotated[
        Path | None, Option(help="File with the passphrase. Default: that of the configuration.")
    ] = None,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Make a key, and print its public half."""
    key = SigningKey.generate(name, Kind.COSIGNATURE if role is Role.WITNESS else Kind.ED25519)
    write_key(file, key, _passphrase(passphrase_file, config).read().encode())
    typer.echo(str(key.verifier))


@app.command()
def keyring(
    out: Annotated[Path, Option(help="Where to put the text that the roots sign.")],
    *,
    first: Annotated[
        bool, Option("--first", help="A first keyring in the place of that of `init`.")
    ] = False,
    add_root: Annotated[
        list[str] | None, Option(help="A=FILE: the public key of minisign or signify for root A.")
    ] = None,
    remove_root: Annotated[list[str] | None, Option(help="A root's name: it goes.")] = None,
    threshold: Annotated[int | None, Option(min=1, help="How many roots must sign.")] = None,
    add_witness: Annotated[
        list[str] | None, Option(help="NAME=KEY: a witness and its public key.")
    ] = None,
    remove_witness: Annotated[list[str] | None, Option(help="A witness's name: it goes.")] = None,
    quorum: Annotated[int | None, Option(min=0, help="How many witnesses must cosign.")] = None,
    max_age: Annotated[str, Option(help="How old a head may be. Default: as configured.")] = "",
    expires: ExpiresOption = "",
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Write the next keyring, for its roots to sign; nothing changes before `keys join`."""
    from mirror.ceremony.making import next_text
    from mirror.ceremony.wishes import Wishes, root_key, witness_key

    newsroom = one_newsroom(config)
    origin = newsroom.trust.origin
    roots = {name: root_key(origin, name, _read(Path(file))) for name, file in _pairs(add_root)}
    wishes = Wishes(
        add_roots=roots,
        remove_roots=remove_root or (),
        threshold=threshold,
        add_witnesses={name: witness_key(key) for name, key in _pairs(add_witness)},
        remove_witnesses=remove_witness or (),
        quorum=quorum,
        max_age=parse_duration(max_age) if max_age else None,
        expires=_date(expires),
    )
    _put(out, next_text(newsroom, wishes, _today(), first=first), config)


@app.command()
def sign(
    file: Annotated[Path, Argument(help="What `keys keyring` wrote.")],
    *,
    key: Annotated[Path, Option(help="The root's key file.")],
    passphrase_file: Annotated[Path, Option(help="File with its passphrase.")],
    out: Annotated[
        Path | None, Option(help="Where to put the signature. Default: beside FILE.")
    ] = None,
) -> None:
    """Sign a keyring with a root key of our own kind; minisign and signify do it as well."""
    from keys.keyring import Keyring
    from keys.minisign import sign as minisign

    text = _read(file).decode("utf-8", "replace")
    meant = Keyring.parse(text)
    root = read_key(key, Secret(file=passphrase_file.absolute()).read().encode())
    where = out or file.with_name(f"{file.name}.{root.name.rpartition('/')[2]}.minisig")
    where.write_bytes(minisign(root, text).encode())
    typer.echo(f"Signed version {meant.version} of the keyring of {meant.origin}: {where}")


@app.command()
def join(
    file: Annotated[Path, Argument(help="What `keys keyring` wrote.")],
    signatures: Annotated[list[Path], Argument(help="The roots' signatures of it.")],
    *,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Join the roots' signatures; once there are enough, the keyring counts.

    Exit status: 0 it is in its place, 1 signatures are missing.
    """
    from mirror.ceremony.joining import join_files
    from mirror.ceremony.making import read_log

    newsroom = one_newsroom(config)
    published = bool(asyncio.run(read_log(newsroom)).signed)
    text = _read(file).decode("utf-8", "replace")
    joined = join_files(newsroom, text, map(_read, signatures), published=published)
    if joined.signed is None:
        for one in joined.lacking:
            names = ", ".join(name for name in one.names)
            typer.echo(f"version {one.version} asks for {one.count} more of: {names}")
        raise typer.Exit(1)
    typer.echo(f"Keyring {joined.signed.keyring.version} is complete, signed by:")
    for name in joined.signers:
        typer.echo(f"  {name}")
    typer.echo(f"Its fingerprint: {in_groups(joined.signed.fingerprint)}")
    typer.echo("Restart `tamizdat run`: its next edition carries it to the mirrors.")


@app.command()
def rotate(
    out: Annotated[Path | None, Option(help="Where to put the text that the roots sign.")] = None,
    *,
    witness: WitnessOption = "",
    new: NewOption = "",
    expires: ExpiresOption = "",
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Replace the log key in good order (or a witness's); its proofs stay good.

    First it makes the new log key, which then signs beside the old one; once a head bears both
    signatures, it writes the keyring that retires the old one.
    """
    from mirror.ceremony.making import is_signed_by, next_log_key, read_log

    newsroom = one_newsroom(config)
    if not witness:
        key, made = next_log_key(newsroom)
        both = is_signed_by(asyncio.run(read_log(newsroom)).head, key)
        if made or not both:
            typer.echo(f"The new log key is ready: {key}")
            typer.echo(
                "Tell your witnesses to follow it too. Then restart `tamizdat run`, and come"
            )
            typer.echo("back when the head bears both signatures: tamizdat keys rotate --out FILE")
            raise typer.Exit(0 if made else 1)
    _replace(newsroom, Ending.RETIRED, out, witness=witness, new=new, expires=expires)


@app.command()
def revoke(
    out: Annotated[Path, Option(help="Where to put the text that the roots sign.")],
    *,
    last: Annotated[
        int | None,
        Option(help="Size of the last edition that is surely ours. Default: the newest."),
    ] = None,
    retired: Annotated[str, Option(help="A key that was only retired, to be revoked.")] = "",
    witness: WitnessOption = "",
    new: NewOption = "",
    expires: ExpiresOption = "",
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Take every worth from a stolen key: what it signs after the last good tree is void.

    Once the roots have signed and `keys join` is done, `tamizdat run` proves every old entry
    again under a new head and carries the new proofs to every mirror.
    """
    newsroom = one_newsroom(config)
    if retired:
        from mirror.ceremony.making import revoked_text, tree_at

        tree = asyncio.run(tree_at(newsroom, last))
        key = VerifierKey.parse(retired)
        expiring = _expiry(newsroom, expires)
        _put(out, revoked_text(newsroom, key, last=tree, expires=expiring), config)
        return
    _replace(newsroom, Ending.REVOKED, out, witness=witness, new=new, expires=expires, last=last)


def one_newsroom(config: Path) -> Config:
    """The one newsroom of ``config``.

    Raises:
        ConfigError: There are several, or the file is mistaken.
    """
    newsrooms = load(config)
    if len(newsrooms) > 1:
        raise ConfigError(str(config), ("holds several newsrooms; name one file of it",))
    return newsrooms[0]


def _replace(
    newsroom: Config,
    ending: Ending,
    out: Path | None,
    *,
    witness: str,
    new: str,
    expires: str,
    last: int | None = None,
) -> None:
    from mirror.ceremony import making
    from mirror.ceremony.wishes import witness_key

    if out is None:
        raise typer.BadParameter("say where to put the keyring's text", param_hint="--out")
    if bool(witness) != bool(new):
        raise typer.BadParameter("--witness and --new belong together", param_hint="--witness")
    if witness:
        keys = making.Replaced(making.witness_of(newsroom, witness), witness_key(new))
    else:
        keys = making.Replaced(making.log_key(newsroom), making.next_log_key(newsroom)[0])
    tree = asyncio.run(making.tree_at(newsroom, last))
    expiring = _expiry(newsroom, expires)
    made = making.replaced_text(newsroom, keys, last=tree, ending=ending, expires=expiring)
    _put(out, made, newsroom.file)


def _put(out: Path, made: Keyring, config: Path) -> None:
    """Write a keyring's text, and say what to do with it."""
    with out.open("x", encoding="utf-8") as file:
        file.write(made.encode())
    names = ", ".join(key.name.rpartition("/")[2] for key in made.roots)
    typer.echo(f"Wrote {out}: version {made.version}, until {made.expires}.")
    typer.echo(f"{made.threshold} of its roots ({names}) sign it, and as many of the version")
    typer.echo("before as that asked for, each on an offline machine:")
    typer.echo(f"  minisign -S -l -m {out.name}        (or signify -S -m {out.name}, or")
    typer.echo(f"  tamizdat keys sign {out.name} --key FILE --passphrase-file FILE)")
    typer.echo(f"Then: tamizdat keys join {out} SIGNATURE… --config {config}")


def _pairs(words: list[str] | None) -> list[tuple[str, str]]:
    """``NAME=VALUE`` words."""
    pairs = [word.partition("=") for word in words or ()]
    for name, equals, value in pairs:
        if not (name and equals and value):
            raise typer.BadParameter(f"{name!r} is not NAME=VALUE")
    return [(name, value) for name, _, value in pairs]


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is no date like 2027-02-24") from error


def _expiry(newsroom: Config, wished: str) -> date:
    from mirror.ceremony.wishes import expiry

    policy = read_keyrings(newsroom.trust.keys)[-1].keyring.policy
    return expiry(policy, _date(wished), _today())


def _today() -> date:
    return datetime.now(UTC).date()


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(MAX_NOTE_BYTES + 1)
    except OSError as error:
        raise KeysError(f"{file} can't be read: {error.strerror}") from error


def _passphrase(file: Path | None, config: Path) -> Secret:
    if file is not None:
        return Secret(file=file.absolute())
    return one_newsroom(config).trust.passphrase


def _shown(config: Config) -> str:
    keyrings = read_keyrings(config.trust.keys)
    lines = [f"{config.site.title}: {config.trust.origin}", ""]
    lines += ["Fingerprint of keyring 1, by which readers know your mirrors:"]
    lines += [f"  {in_groups(keyrings[0].fingerprint)}", ""]
    lines += _keyring_lines(keyrings[-1])
    lines += ["", f"Key files in {config.trust.keys}:"]
    lines += [_file_line(config.trust.keys, role) for role in (ROOT, LOG, CLOCK)]
    changing = (f"{LOG}{NEXT}", f"{LOG}{OLD}", f"{CLOCK}{NEXT}")
    lines += [
        _file_line(config.trust.keys, role)
        for role in changing
        if key_path(config.trust.keys, role).exists()
    ]
    return "\n".join(lines)


def _keyring_lines(signed: SignedKeyring) -> list[str]:
    keyring = signed.keyring
    signed_by = f"{keyring.threshold} of {len(keyring.roots)} roots"
    lines = [
        f"Newest keyring: version {keyring.version}, until {keyring.expires}, by {signed_by}",
        *(f"  root     {key}" for key in keyring.roots),
    ]
    for key in keyring.policy.logs:
        lines += [f"  log      {key}", f"           for minisign -P: {public_line(key)}"]
    for witness in keyring.policy.witnesses:
        lines.append(f"  witness  {witness.name}: {witness.key}")
    for group in keyring.policy.groups:
        lines.append(f"  quorum   {group.needed} of {len(group.members)} witnesses")
    lines += [f"  {one.ending}  {one.key}, up to size {one.size}" for one in keyring.former]
    return lines


def _file_line(folder: Path, role: str) -> str:
    path = key_path(folder, role)
    if not path.exists():
        return f"  {path.name}: not here"
    try:
        return f"  {path.name}: {read_public(path).name}"
    except KeysFormatError as error:
        raise KeysError(str(error)) from error
