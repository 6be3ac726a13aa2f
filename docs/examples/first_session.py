"""A first session, while `python bakery.py` runs in another terminal."""

from pathlib import Path

from dynaclient import Client, RequestInvalid, ResponseInvalid

bakery = Client(Path(__file__).with_name("bakery.yaml"), credentials={"api_key": "sesame"})
print(bakery.place_order({"cake": "plum", "pieces": 6}))

try:
    bakery.place_order({"cake": "plum", "peices": 6})
except RequestInvalid as error:  # nothing was sent
    print(error)

try:
    bakery.list_orders(status="delivered")
except ResponseInvalid as error:  # the whole response is on the error
    print(error)
    print("kept:", error.response.data)
