"""Orders with types: `shop.pyi` is made by `dynaclient stubs bakery.yaml -o shop.pyi`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dynaclient import connect

if TYPE_CHECKING:
    from shop import NewOrder, Shop

shop: Shop = connect(Path(__file__).with_name("bakery.yaml"), credentials={"api_key": "sesame"})

order: NewOrder = {"cake": "plum", "pieces": 6}
placed = shop.place_order(order)
print(placed["id"], placed["total"])

response = shop.get_order.send(placed["id"])
print(response.status, response.data["status"])
