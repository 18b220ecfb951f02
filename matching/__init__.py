"""Which question resembles which; which offering fits and can still be reached. Pure functions, no network."""
