"""Does the bakery keep its contract? Run by pytest while `python bakery.py` runs in another terminal."""

from dynaclient import Client, contract

bakery = Client("bakery.yaml", credentials={"api_key": "sesame"})


@contract.cases(bakery)
def test_keeps_its_contract(case):
    contract.check(case, case.send(bakery))
