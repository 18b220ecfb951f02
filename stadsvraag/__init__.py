"""The console script and the parts that start, fill, check and exercise an installation."""
