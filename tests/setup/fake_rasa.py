"""Stands for the package `rasa` in tests: a server on the port it is told, which dies, hangs or stays as it is told.

Orders are files in the folder that it runs in: `die` (exit at once when started), `hang` (answer no more),
`deaf` (ignore the polite signal). It writes down its own pid, its child's and its environment.
"""

import http.server
import json
import os
import signal
import subprocess
import sys
import time


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        while os.path.exists("hang"):
            time.sleep(0.05)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """No access log."""


def main() -> None:
    with open("starts", "a") as starts:
        starts.write("x")
    if os.path.exists("die"):
        print("OSError: the model file is broken", flush=True)
        sys.exit(3)
    if os.path.exists("deaf"):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    port = int(sys.argv[sys.argv.index("--port") + 1])
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Answer)
    facts = {"pid": os.getpid(), "child": child.pid, "environment": dict(os.environ), "arguments": sys.argv}
    with open("facts.new", "w") as file:
        json.dump(facts, file)
    os.replace("facts.new", "facts.json")
    print("2030-01-01 00:00:00 WARNING  rasa.core  - something odd", flush=True)
    server.serve_forever()


main()
