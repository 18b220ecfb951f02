"""The database as a whole: `stadsvraag migrate`, `backup` and `restore`."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer()


class Bars:
    """One bar for each stage."""

    def __init__(self) -> None:
        self._stage, self._bar = "", None  # type: str, Any

    def __call__(self, stage: str, more: int, total: int) -> None:
        if stage != self._stage:
            self.close()
            self._stage, self._bar = stage, typer.progressbar(length=max(total, 1), label=stage)
            self._bar.__enter__()
        self._bar.update(more)

    def close(self) -> None:
        if self._bar:
            self._bar.__exit__(None, None, None)
            self._bar = None


@app.command()
def migrate(target: Annotated[str, typer.Argument(help="`head`, `base` or a revision.")] = "head") -> None:
    """Bring the database to the tables of this version."""
    from schemas.migrate import migrate as run
    from schemas.settings import settings

    asyncio.run(run(settings().database_url, target))
    typer.echo(f"The database is at {target}.")


@app.command("backup")
def save(
    file: Annotated[Path, typer.Argument(help="A file that is not there yet, or a folder for one named after now.")],
) -> None:
    """Keep everything in one file, as it is at this moment; people and flows go on working."""
    from schemas.backup.whole import backup
    from schemas.moment import now
    from schemas.settings import settings

    if file.is_dir():
        file /= f"stadsvraag-{now():%Y-%m-%d-%H%M%S}.backup"
    contents = _run(backup(settings().database_url, file, bars := Bars()), bars)
    size = file.stat().st_size
    typer.echo(f"{contents.size:,} rows of {len(contents.columns)} tables are in {file} ({size / 1e6:,.1f} MB).")


@app.command("restore")
def put_back(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="What `stadsvraag backup` made.")],
    replace: Annotated[bool, typer.Option("--replace", help="Throw away what the database holds now.")] = False,
) -> None:
    """Fill an empty database from a backup, of SQLite or PostgreSQL, this release or an earlier one.

    Nothing else may work on the database meanwhile.
    """
    from schemas.backup.whole import restore
    from schemas.settings import settings

    contents = _run(restore(settings().database_url, file, bars := Bars(), replace=replace), bars)
    typer.echo(f"{contents.size:,} rows of {contents.made_at} have been restored. Start with: stadsvraag check")


def _run(what: Any, bars: Bars) -> Any:
    from schemas.backup.archive import Unfit

    try:
        return asyncio.run(what)
    except (Unfit, FileExistsError) as error:
        bars.close()
        typer.secho(f"Not done: {error}", err=True, fg="red")
        raise typer.Exit(1) from None
    finally:
        bars.close()
