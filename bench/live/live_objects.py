"""Hundreds of thousands of live objects, then a line on stdout."""
import math
import time

customers = [
    {
        "id": number,
        "name": f"customer {number % 5000}",
        "basket": [number % 7, number % 11, number % 13],
        "address": (f"{number % 300} Harbour Street", ("Lisbon", "Tallinn", "Osaka")[number % 3]),
        "score": math.sin(number),
    }
    for number in range(200_000)
]
by_id = {f"c-{customer['id']}": customer for customer in customers}
print("ready", flush=True)
while True:
    time.sleep(1)
