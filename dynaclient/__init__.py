"""dynaclient: an OpenAPI document becomes a checked, safe client."""

__version__ = "0.1.0"
