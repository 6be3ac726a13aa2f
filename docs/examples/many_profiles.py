"""A CSV of customers, so many as are asked for, one of a hundred without an id.

python many_profiles.py 1000000 > many.csv
"""

import csv
import sys

out = csv.writer(sys.stdout, lineterminator="\n")
out.writerow(["id", "name", "email", "points"])
for number in range(1, int(sys.argv[1]) + 1):
    key = f"c-{number}" if number % 100 else ""
    out.writerow([key, f"Customer {number}", f"c{number}@example.com", number % 500])
