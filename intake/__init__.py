"""The front door: everything people bring in or look at; pages, desk, API."""
