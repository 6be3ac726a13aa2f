"""The only room that does network I/O: session, retries, deadlines, redirects, limits.

`session`, `timeout` and `headers` cost nothing to import. Everything else imports requests: it comes with the
first request.
"""
