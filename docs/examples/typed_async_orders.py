"""Orders with types and await: `dynaclient stubs bakery.yaml --async -o async_shop.pyi` makes the stub."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from dynaclient import connect_async

if TYPE_CHECKING:
    from async_shop import AsyncShop, NewOrder


async def main(order: NewOrder) -> None:
    """Place an order and look at it."""
    bakery = Path(__file__).with_name("bakery.yaml")
    shop: AsyncShop = connect_async(bakery, credentials={"api_key": "sesame"})
    async with shop:
        placed = await shop.place_order(order)
        response = await shop.get_order.send(placed["id"])
        print(response.status, response.data["status"])


asyncio.run(main({"cake": "plum", "pieces": 6}))
