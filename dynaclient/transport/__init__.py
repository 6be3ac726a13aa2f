"""The only room that does network I/O: session, retries, deadlines, redirects, limits.

`timeout` and `headers` cost nothing to import; everything else imports requests, so the client imports
`dynaclient.transport.session` with its first request, and that `dynaclient.transport.send` when it is sent.
"""
