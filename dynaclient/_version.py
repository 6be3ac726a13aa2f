"""The version alone: modules that need it import nothing else with it."""

__all__ = ["__version__"]

__version__ = "0.1.0"
