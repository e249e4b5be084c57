"""A mail server for tests: takes letters, or behaves as badly as the recipient's name says.

Prints its port, then one JSON object for each letter that it took. Ends with its standard input.

refuse@   550 at RCPT          grey@   451 at the first attempt, taken at the second
full@     452 at RCPT          drop@   the connection breaks in the middle of DATA
late@     552 after DATA       unsure@ the letter is taken, and the connection breaks before the answer
slow…@    at RCPT it says {"waiting": address} and waits for a line `go` on its standard input
tardy…@   the same after it has taken the letter
With `--tls CERTIFICATE KEY` it offers STARTTLS and wants it; with `--login USER PASSWORD` it wants a login; with `--no-sender` it
takes no sender.
"""

import asyncio
import errno
import json
import socket
import ssl
import sys
import threading

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword


class Behaviour:
    def __init__(self):
        self.seen = set()
        self.go = threading.Event()

    async def wait(self, address):
        print(json.dumps({"waiting": address}), flush=True)
        while not self.go.is_set():
            await asyncio.sleep(0.01)

    async def handle_MAIL(self, server, session, envelope, address, options):
        if "--no-sender" in sys.argv:
            return f"550 5.7.1 <{address}> may not send here"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        name = address.split("@")[0]
        if name == "refuse":
            return f"550 5.1.1 <{address}> no such user"
        if name == "full":
            return f"452 4.2.2 <{address}> mailbox full"
        if name == "grey" and address not in self.seen:
            self.seen.add(address)
            return "451 4.7.1 greylisted, try again later"
        if name.startswith("slow"):
            await self.wait(address)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        name = envelope.rcpt_tos[0].split("@")[0]
        if name == "late":
            return "552 5.3.4 too big"
        if name == "drop" and "drop" not in self.seen:
            self.seen.add("drop")
            server.transport.abort()
            return "421 bye"
        print(json.dumps({
            "sender": envelope.mail_from,
            "recipients": envelope.rcpt_tos,
            "letter": envelope.content.decode("utf-8", "replace"),
            "tls": session.ssl is not None,
            "login": session.authenticated,
        }), flush=True)
        if name.startswith("tardy"):
            await self.wait(envelope.rcpt_tos[0])
        if name == "unsure" and "unsure" not in self.seen:
            self.seen.add("unsure")
            server.transport.abort()
            return "421 bye"
        return "250 taken"


def options(name, count):
    if name not in sys.argv:
        return None
    place = sys.argv.index(name)
    return sys.argv[place + 1:place + 1 + count]


def started(behaviour, more):
    # The library connects to itself at the start and wants to know the port beforehand; somebody else may take it in between.
    while True:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        controller = Controller(behaviour, hostname="127.0.0.1", port=port, ready_timeout=60, **more)
        try:
            controller.start()
            return controller
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise


def main():
    tls, login = options("--tls", 2), options("--login", 2)
    more = {}
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*tls)
        more.update(tls_context=context, require_starttls=True)
    if login:
        def check(server, session, envelope, mechanism, data):
            right = isinstance(data, LoginPassword) and [data.login.decode(), data.password.decode()] == login
            # Otherwise the library believes that the refusal has been sent already, and says nothing.
            return AuthResult(success=right, handled=False)
        more.update(authenticator=check, auth_required=True, auth_require_tls=bool(tls))
    behaviour = Behaviour()
    controller = started(behaviour, more)
    print(controller.port, flush=True)
    for line in sys.stdin:
        if line.strip() == "go":
            behaviour.go.set()
    controller.stop()


main()
