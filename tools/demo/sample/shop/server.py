"""Answers GET /price/<name>?count=N with the price of that many pieces."""
import argparse
import http.server
import os
import urllib.parse

from shop.cart import Cart
from shop.prices import shown


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        address = urllib.parse.urlsplit(self.path)
        count = int(urllib.parse.parse_qs(address.query).get("count", ["1"])[0])
        cart = Cart()
        cart.add(address.path.rpartition("/")[2], count)
        body = (shown(cart.total()) + "\n").encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--port-file", required=True)
    port_file = arguments.parse_args().port_file
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    with open(port_file + ".new", "w") as file:
        file.write(str(server.server_port))
    os.rename(port_file + ".new", port_file)
    print(f"the shop is open on port {server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
