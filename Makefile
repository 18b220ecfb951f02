.DEFAULT_GOAL := help
.PHONY: help setup run test check format nightly screenshots requirements
bin := .venv/bin
export PATH := $(CURDIR)/$(bin):$(PATH)

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

setup: ## .venv with everything for running, testing and checking
	./setup dev

run: ## start everything; the address is printed when it is ready
	./run

test: ## all tests; a part: ./test -k letters
	./test

check: setup ## format, lint, types and tests (the import rules are a test)
	$(bin)/ruff format --check .
	$(bin)/ruff check .
	$(bin)/mypy
	./test

format: setup ## lay out the code and mend what lint can mend
	$(bin)/ruff format .
	$(bin)/ruff check --fix .

nightly: ## the long hunts
	./test -m nightly

screenshots: setup ## the pictures of the README again (needs Chromium)
	$(bin)/python -m tests.screenshots

requirements: setup ## the hashed lists again, after a change of dependencies in pyproject.toml
	uv lock
	uv export -q --frozen --no-default-groups --no-emit-project --no-header --no-annotate -o requirements.txt
	uv export -q --frozen --no-default-groups --group dev --no-emit-project --no-header --no-annotate -o requirements-dev.txt
