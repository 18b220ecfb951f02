"""The console script: `stadsvraag …`. Each command imports what it needs when it runs, so that `up` stays small."""

import asyncio
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stadsvraag import safekeeping

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

app = typer.Typer(
    pretty_exceptions_enable=False,
    help="Stadsvraag: from a municipal question to a course, and back with a result.",
    no_args_is_help=True,
)
city = typer.Typer(help="The city's data.", no_args_is_help=True)
token = typer.Typer(help="Tokens for programs.", no_args_is_help=True)
app.add_typer(city, name="city")
app.add_typer(token, name="token")
app.add_typer(safekeeping.app)
FAILED = 1


# Commands for an operator at the demo; the others are told what to work on.
ON_THE_DEMO = {"import", "check", "clocks", "migrate", "city", "token", "backup", "restore"}


@app.callback()
def which(
    context: typer.Context,
    data: Annotated[
        Path, typer.Option(envvar="STADSVRAAG_DATA_DIR", help="The demo's directory, when nothing is set.")
    ] = Path("var"),
) -> None:
    """Without settings of its own, a command works on the demo that `./run` keeps in this directory."""
    if context.invoked_subcommand not in ON_THE_DEMO:
        return
    if "STADSVRAAG_SECRET_KEY" in os.environ or not (data / "ports.json").exists():
        return
    from stadsvraag.embedded import environment
    from stadsvraag.up import secret_key

    ports = json.loads((data / "ports.json").read_text(encoding="utf-8"))
    os.environ.update(environment(data.resolve(), ports, secret_key(data)))


def fail(message: str) -> typer.Exit:
    """Say what is wrong and how to mend it, and leave with status 1."""
    typer.secho(message, err=True, fg="red")
    return typer.Exit(FAILED)


@app.command()
def up(
    port: Annotated[int, typer.Option(help="Where the pages are.")] = 8000,
    data: Annotated[Path, typer.Option(help="Where everything is kept.")] = Path("var"),
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open a browser.")] = False,
) -> None:
    """Start everything embedded: pages, Prefect, flows and a mail server for the example city."""
    from stadsvraag.up import up as start

    start(port, data, no_browser)


@app.command()
def web(
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
) -> None:
    """Serve the pages and the API."""
    from stadsvraag.programs import serve

    serve(host, port)


@app.command()
def flows() -> None:
    """Run the flows: what happens by itself."""
    from stadsvraag.programs import follow

    follow()


@app.command()
def check(mail: Annotated[bool, typer.Option("--mail", help="Whether others will trust our mail.")] = False) -> None:
    """A doctor: settings, rooms, database, city, texts, Prefect and mail; cause and mend for each fault."""
    from stadsvraag.check import say_all, say_sending

    if not (say_sending() if mail else say_all()):
        raise typer.Exit(FAILED)


@app.command("import")
def import_file(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="YAML, CSV or XLSX.")]) -> None:
    """Put in questions in bulk; faulty rows are told, the others go in, and repeating it is harmless."""
    from stadsvraag.importing import Unreadable, import_rows, rows_in
    from stadsvraag.session import engine

    try:
        rows = rows_in(file)
        with typer.progressbar(length=len(rows), label="Importing") as bar:
            outcome = asyncio.run(engine(lambda found: import_rows(found, rows, lambda: bar.update(1))))
    except Unreadable as error:
        raise fail(str(error)) from None
    for number, reason in outcome.faulty:
        typer.secho(f"row {number}: {reason}", err=True, fg="red")
    typer.echo(f"{len(outcome.made)} put in, {outcome.known} were there already, {len(outcome.faulty)} faulty.")
    if outcome.faulty:
        raise typer.Exit(FAILED)


@city.command("load")
def load(
    file: Annotated[Path, typer.Argument(exists=True, help="The city's folder, or its city.yaml.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would change for open questions.")] = False,
) -> None:
    """Load or update a city from its folder of data."""
    from schemas.cities import FaultyCity, load_city, read_city
    from schemas.database import writing
    from schemas.settings import settings
    from stadsvraag.session import engine

    folder = file.parent if file.is_file() else file

    async def run(found: "AsyncEngine") -> int:
        async with writing(found) as session:
            return await load_city(session, read_city(folder), people=settings().demo)

    try:
        if dry_run:
            asyncio.run(engine(lambda found: _tell_changes(found, folder)))
            return
        moved = asyncio.run(engine(run))
    except (FaultyCity, ValueError) as error:
        raise fail(str(error)) from None
    typer.echo("The city has been loaded." + (f" The calendar moved the terms of {moved}." if moved else ""))


async def _tell_changes(found: "AsyncEngine", folder: Path) -> None:
    from stadsvraag.changing import dry_run

    async for line in dry_run(found, folder):
        typer.echo(line)


@city.command("move")
def move(
    refs: Annotated[list[str] | None, typer.Argument(help="References of questions.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every open question.")] = False,
) -> None:
    """Let open questions go on under the rules of now, instead of those that they began under."""
    from stadsvraag.changing import move as run
    from stadsvraag.session import engine

    if not refs and not everything:
        raise fail("Say which questions, or --all. What it would change: stadsvraag city load --dry-run")
    moved, not_moved = asyncio.run(engine(lambda found: run(found, refs or (), everything=everything)))
    typer.echo(f"{len(moved)} moved: {', '.join(moved) or 'none'}.")
    if not_moved:
        raise fail(f"Not moved, because unknown, ended or there already: {', '.join(not_moved)}.")


@token.command("create")
def create_token(person: Annotated[str, typer.Option(help="The person's e-mail address.")]) -> None:
    """Make a token for a program that acts as this person; it is shown once."""
    from stadsvraag.session import engine, token_for

    made = asyncio.run(engine(lambda found: token_for(found, person)))
    if made is None:
        raise fail(f"Nobody has the address {person}. Sign in with it once, or add the person first.")
    typer.echo(made)


@app.command()
def clocks() -> None:
    """Set every clock to what its replay from the ledger says; how many differed."""
    from schemas.database import writing
    from schemas.replay import set_right
    from stadsvraag.session import engine

    async def run(found: "AsyncEngine") -> int:
        async with writing(found) as session:
            return await set_right(session)

    typer.echo(f"{asyncio.run(engine(run))} clocks differed from their replay and have been set.")


@app.command()
def process() -> None:
    """Draw the process from its tables, as Mermaid."""
    from stadsvraag.drawing import drawing

    typer.echo(drawing())


@app.command()
def play(
    questions: Annotated[int, typer.Option(help="How many questions to play.")] = 20,
    seed: Annotated[int, typer.Option(help="The same seed plays the same lives.")] = 1,
    data: Annotated[Path, typer.Option(help="The data directory of the running demo.")] = Path("var"),
    url: Annotated[str, typer.Option(help="Where it runs, if not where the directory says.")] = "",
) -> None:
    """Play questions through their lives over HTTP, as the example city's people."""
    from stadsvraag.play import Stopped, play_all

    with typer.progressbar(length=questions, label="Playing") as bar:
        try:
            played = asyncio.run(play_all(data, url, questions, seed, lambda: bar.update(1)))
        except Stopped as error:
            raise fail(str(error)) from None
    typer.echo("\n" + "\n".join(f"{count:>5}  {state}" for state, count in sorted(played.states.items())))
    typer.echo("How they went: " + ", ".join(f"{count} {name}" for name, count in played.endings.most_common()))


def main() -> None:
    """What the console script calls."""
    from pydantic import ValidationError

    try:
        app()
    except ValidationError as error:
        from stadsvraag.check import in_words

        told = "STADSVRAAG_SECRET_KEY" in os.environ
        hint = "" if told else "\nFor a demo in another directory than var: stadsvraag --data DIR … (as with ./run)."
        raise SystemExit(f"The settings cannot be used: {in_words(error)}{hint}") from None


if __name__ == "__main__":
    main()
