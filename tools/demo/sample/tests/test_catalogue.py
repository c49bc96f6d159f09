import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "tools"))
import build_catalogue  # noqa: E402


class CatalogueTest(unittest.TestCase):
    def test_it_reads_names_and_cents(self):
        with tempfile.TemporaryDirectory() as folder:
            table = pathlib.Path(folder) / "table.csv"
            table.write_text("name,cents\nmilk,129\n")
            self.assertEqual(build_catalogue.read(table), {"milk": 129})
