import unittest

from shop.prices import prices, shown


class PricesTest(unittest.TestCase):
    def test_the_catalogue_has_tea(self):
        self.assertEqual(prices()["tea"], 349)

    def test_cents_are_shown_with_two_digits(self):
        self.assertEqual(shown(105), "1.05")
