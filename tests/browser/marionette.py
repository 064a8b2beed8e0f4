"""Firefox driven by its own protocol, Marionette: no driver of another party is needed."""

import json
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the WebDriver standard's name for one
_PREFS = {
    "app.normandy.enabled": False,
    "app.update.enabled": False,
    "browser.aboutwelcome.enabled": False,
    "browser.startup.homepage_override.mstone": "ignore",
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "toolkit.telemetry.enabled": False,
}


class Firefox:
    """One browser; elements are found by CSS selector."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._number = 0

    def command(self, name: str, **facts: object) -> Any:  # noqa: ANN401  # whatever it answers
        """Send a command; its answer.

        Raises:
            RuntimeError: The browser says that it failed.
        """
        self._number += 1
        text = json.dumps([0, self._number, name, facts]).encode()
        self._line.sendall(b"%d:%s" % (len(text), text))
        _, _, error, answer = self.receive()
        if error:
            raise RuntimeError(f"{name}: {error}")
        return answer

    def receive(self) -> Any:  # noqa: ANN401  # whatever it says
        """The next message of the browser."""
        length = b""
        while not length.endswith(b":"):
            length += self._some(1)
        left = int(length[:-1])
        data = b""
        while len(data) < left:
            data += self._some(left - len(data))
        return json.loads(data)

    def open(self, address: str) -> None:
        """Go there, and wait until it is loaded."""
        self.command("WebDriver:Navigate", url=address)

    def script(self, text: str, *arguments: object) -> Any:  # noqa: ANN401  # whatever it returns
        """What ``text`` returns in the page."""
        answer = self.command("WebDriver:ExecuteScript", script=text, args=arguments)
        return answer["value"]

    def choose(self, selector: str, *files: Path) -> None:
        """Choose files as a person does."""
        found = self.command("WebDriver:FindElement", using="css selector", value=selector)
        names = "\n".join(map(str, files))
        self.command("WebDriver:ElementSendKeys", id=found["value"][_ELEMENT], text=names)

    def _some(self, most: int) -> bytes:
        data = self._line.recv(most)
        if not data:
            raise RuntimeError("the browser has gone")
        return data


@contextmanager
def firefox(profile: Path, port: int, **prefs: object) -> Iterator[Firefox]:
    """Debian's Firefox without a window, with a profile of its own."""
    wanted = {**_PREFS, **prefs, "marionette.port": port}
    lines = (
        f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in wanted.items()
    )
    profile.mkdir(parents=True)
    (profile / "user.js").write_text("\n".join(lines))
    command = [
        "firefox-esr",
        "--headless",
        "--no-remote",
        "--marionette",
        "--profile",
        str(profile),
    ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            with _connected(port) as line:
                browser = Firefox(line)
                browser.receive()
                browser.command("WebDriver:NewSession", capabilities={})
                yield browser
        finally:
            process.terminate()


def _connected(port: int) -> socket.socket:
    until = time.monotonic() + 120
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=120)
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
