"""What a customer is about to buy."""
from shop.prices import prices

DISCOUNT_FROM = 10  # pieces of one article


class Cart:
    def __init__(self):
        self.pieces = {}

    def add(self, name, count=1):
        self.pieces[name] = self.pieces.get(name, 0) + count

    def total(self):
        """In cents; ten or more pieces of one article are a tenth cheaper."""
        known = prices()
        total = 0
        for name, count in self.pieces.items():
            price = known[name] * count
            total += price - price // 10 if count > DISCOUNT_FROM else price
        return total
