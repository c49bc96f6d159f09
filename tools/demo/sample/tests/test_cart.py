import unittest

from shop.cart import Cart


class CartTest(unittest.TestCase):
    def test_an_empty_cart_costs_nothing(self):
        self.assertEqual(Cart().total(), 0)

    def test_pieces_add_up(self):
        cart = Cart()
        cart.add("tea", 2)
        cart.add("bread")
        self.assertEqual(cart.total(), 2 * 349 + 289)

    def test_ten_pieces_are_a_tenth_cheaper(self):
        cart = Cart()
        cart.add("apples", 10)
        self.assertEqual(cart.total(), 1791)
