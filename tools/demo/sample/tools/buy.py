"""Buys tea from a shop on this machine, and checks the price. usage: buy.py PORT"""
import sys
import urllib.request

shop = f"http://127.0.0.1:{sys.argv[1]}"
with urllib.request.urlopen(shop + "/price/tea?count=3", timeout=10) as answer:
    price = answer.read().decode().strip()
print(f"three packets of tea cost {price}")
sys.exit(0 if price == "10.47" else 1)
