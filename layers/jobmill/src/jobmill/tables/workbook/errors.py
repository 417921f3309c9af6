"""The sentences of refused workbooks."""

from typing import Final

from jobmill.errors import CallerError

_SAVE_AGAIN: Final = 'Open it in Excel or LibreOffice, save it again as "Excel workbook (.xlsx)", and upload that.'
_SAVE_AS_CSV: Final = 'In Excel, choose "Save as" and the type "CSV UTF-8", and upload that.'


def damaged(what: str) -> CallerError:
    """The file is no workbook by the rules of its format. `what` is a clause: "its end is missing"."""
    return CallerError("damaged-workbook", f"The workbook is damaged: {what}. {_SAVE_AGAIN}")


def unsafe(what: str) -> CallerError:
    """The file is made in a way in which no program for people makes it, but an attack would."""
    return CallerError("unsafe-workbook", f"The workbook is not read, for safety: {what}. {_SAVE_AGAIN}")


def too_large(what: str) -> CallerError:
    """More of something than is read."""
    return CallerError("workbook-too-large", f"The workbook is too large: {what}. {_SAVE_AS_CSV}")


def too_complex() -> CallerError:
    """Reading it took more memory or time than a workbook may take, or broke the process that read it."""
    return CallerError(
        "workbook-too-complex",
        f"The workbook could not be read with the memory and time there are for it. {_SAVE_AS_CSV}",
    )


def encrypted() -> CallerError:
    """It needs a password."""
    return CallerError(
        "encrypted-workbook",
        "The workbook is protected with a password. Save it without one (File, Info, Protect Workbook), and upload "
        "that.",
    )
