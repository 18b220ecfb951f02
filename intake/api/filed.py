"""Files as the API tells them."""

from datetime import datetime

from pydantic import BaseModel, Field

from intake.attached import file_rows
from intake.sight import Reader
from schemas.attachments import Attachment
from schemas.case import Case


class File(BaseModel):
    """A file. A removed one is no more than its name."""

    id: int
    ref: str = Field(description="The question or trajectory that it belongs to.")
    note: int | None
    result: bool = Field(description="Part of what was delivered.")
    name: str
    type: str
    size: int
    sha256: str
    scanned: bool = Field(description="Whether a virus scanner has looked at it.")
    by: str
    at: datetime
    removed_at: datetime | None
    removed_by: str | None


async def file_shapes(case: Case, reader: Reader, files: list[Attachment]) -> list[File]:
    """Files as answers."""
    return [
        File(
            **row["file"].model_dump(include=set(File.model_fields)), ref=row["ref"] or case.question.ref or "",
            note=row["file"].note_id, by=row["by"], removed_by=row["removed_by"] or None,
        )
        for row in await file_rows(case, reader, files)
    ]  # fmt: skip
