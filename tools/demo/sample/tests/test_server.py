import http.client
import http.server
import threading
import unittest

from shop.server import Handler


class QuietHandler(Handler):
    def log_message(self, *_):
        pass


class ServerTest(unittest.TestCase):
    def test_it_names_the_price(self):
        server = http.server.HTTPServer(("127.0.0.1", 0), QuietHandler)
        self.addCleanup(server.server_close)
        answering = threading.Thread(target=server.handle_request)
        answering.start()
        connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
        self.addCleanup(connection.close)
        connection.request("GET", "/price/tea?count=2")
        self.assertEqual(connection.getresponse().read(), b"6.98\n")
        answering.join()
