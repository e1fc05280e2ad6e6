"""`python -m demo --host 127.0.0.1 --port 0`: serve the site until told to stop. Logs a line a request."""

import argparse
import logging
import socket
import sys
import threading

import uvicorn

from demo import flights


def main() -> None:
    parser = argparse.ArgumentParser(prog="demo", description="Serve real flights to be scraped.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    asked = parser.parse_args()
    logging.basicConfig(stream=sys.stdout, format="%(asctime)s %(message)s", level=logging.INFO)
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((asked.host, asked.port))
        listener.listen()  # whoever reads the line below may come before the server accepts
        sys.stdout.write(f"demo site at http://{asked.host}:{listener.getsockname()[1]}\n")
        sys.stdout.flush()
        # The first visitor should not wait for the second that reading takes.
        threading.Thread(target=flights.warm_up, daemon=True).start()
        server = uvicorn.Server(uvicorn.Config("demo.site:app", log_config=None, server_header=False))
        server.run(sockets=[listener])


if __name__ == "__main__":
    main()
