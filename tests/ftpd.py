"""An FTP server as a process of its own: ``ftpd.py PORT ROOT LOG PEM SESSIONS [refuse=RNTO …]``.

It writes every command down, without passwords, and can be told to answer badly.
"""

import sys
from pathlib import Path
from typing import Any

from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler, TLS_FTPHandler
from pyftpdlib.servers import FTPServer

USER, PASSWORD = "editor", "correct-horse"


def main(port: str, root: str, log: str, pem: str, sessions: str, *options: str) -> None:
    """Serve until the process is ended."""
    wanted = dict(option.split("=", 1) for option in options)
    late = wanted.get("late", "")  # a file that comes to stand right after it was asked for
    refused = dict(pair.split(":") for pair in wanted.get("refuse", "").split(",") if pair)
    authorizer = DummyAuthorizer()
    authorizer.add_user(USER, PASSWORD, root, perm=wanted.get("perm", "elradfmwMT"))
    base: Any = TLS_FTPHandler if pem else FTPHandler

    class Handler(base):  # type: ignore[misc]
        def pre_process_command(self, line: str, cmd: str, arg: str) -> None:
            with Path(log).open("a", encoding="utf-8") as file:
                file.write(f"{cmd} {'…' if cmd == 'PASS' else arg}".rstrip() + "\n")
            if cmd in refused:
                self.respond(f"{refused[cmd]} no")
                return
            super().pre_process_command(line, cmd, arg)
            if late and cmd == "RETR" and arg.endswith(late):
                Path(root, arg).parent.mkdir(parents=True, exist_ok=True)
                Path(root, arg).write_bytes(b"late")

    Handler.authorizer = authorizer
    Handler.banner = "ready"
    Handler.timeout = int(wanted.get("idle", "300"))
    if pem:
        Handler.certfile = pem
        Handler.tls_control_required = Handler.tls_data_required = True
    server = FTPServer(("127.0.0.1", int(port)), Handler)
    server.max_cons = int(sessions) + 1  # the listening socket counts
    server.serve_forever(handle_exit=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
