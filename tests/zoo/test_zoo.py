"""Every animal of the zoo, at its address, through the real command: verdict, reason, status."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.nginx import Site, free_port, missing, nginx
from tests.zoo.animals import ANIMALS, Animal, Cage, place_of, write
from tests.zoo.command import tamizdat
from tests.zoo.newsroom import Newsroom

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(bool(missing()), reason=missing() or "nginx is there"),
]


@dataclass(frozen=True, slots=True)
class Zoo:
    """Every animal in its place below one address."""

    top: Path
    address: str
    honest: str

    def at(self, animal: Animal) -> str:
        return f"{self.address}{place_of(animal)}/"


@pytest.fixture(scope="module")
def room() -> Newsroom:
    return Newsroom().go_on()


@pytest.fixture(scope="module")
def zoo(room: Newsroom, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zoo]:
    top = tmp_path_factory.mktemp("zoo")
    port = free_port()
    address = f"http://127.0.0.1:{port}/"
    (top / "keyring").write_bytes(room.keyring)
    honest = f"{address}honest/"
    write(Cage(room, dict(room.files)), top / "site" / "honest", honest)
    lines = []
    for animal in ANIMALS:
        place = place_of(animal)
        cage = Cage(room.copy(), dict(room.files))
        if not animal.seen:
            animal.spoil(cage)
        write(cage, top / "site" / place, f"{address}{place}/")
        if cage.nginx:
            lines.append(f"location /{place}/ {{ {cage.nginx.replace('{place}', place)} }}")
    with nginx(Site(port=port, root=top / "site", extra=lines)):
        yield Zoo(top, address, honest)


@pytest.mark.parametrize("animal", ANIMALS, ids=place_of)
def test_an_animal_is_known_for_what_it_is(
    animal: Animal, zoo: Zoo, room: Newsroom, tmp_path: Path
) -> None:
    address = zoo.at(animal)
    trusted = ("--keyring", str(zoo.top / "keyring"), "--timeout", "3")
    memory = ("--state", str(tmp_path / "state"))
    if animal.seen:
        assert tamizdat("verify", address, *trusted, *memory).status == 0
        cage = Cage(room.copy(), dict(room.files))
        animal.spoil(cage)
        write(cage, zoo.top / "site" / place_of(animal), address)
    elif animal.remembers:
        assert tamizdat("verify", zoo.honest, *trusted, *memory).status == 0

    answer = tamizdat("verify", address, *trusted, *memory, *animal.options)

    assert answer.text.startswith(f"{animal.verdict}: "), answer.text
    assert animal.says in answer.text
    assert answer.status == animal.status
    if animal.verdict == "forked":
        assert len(list((tmp_path / "state").glob("forked-*/checkpoint-*"))) == 2
