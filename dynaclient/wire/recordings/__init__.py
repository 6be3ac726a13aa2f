"""Files of recorded exchanges: HTTP Archive 1.2 is read and written, cassettes of vcrpy are read. No I/O.

`exchange` is what such a file holds, `har` and `cassette` are its forms, `redacting` takes secrets out of it,
and `matching` finds the exchange that a request means.
"""
