"""The operations of a document as three tools of the Model Context Protocol: to search, to describe, to call.

`tools` carries them out and knows nothing of the protocol, `server` speaks it (extra `mcp`).
"""
