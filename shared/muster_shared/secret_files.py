"""Secrets as texts and in files: those that whoever runs Muster wrote, and the key that a data folder keeps."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Final

_LARGEST: Final = 64 * 1024


def secret_in(path: Path) -> str:
    """The text of a file, without white space around it.

    Raises:
        ValueError: it cannot be read, is empty, or is no text; the message shows nothing of what it holds.
    """
    try:
        with path.open("rb") as file:
            text = file.read(_LARGEST + 1).decode("utf-8").strip()
    except UnicodeDecodeError:
        raise ValueError(f"{path} is not text in UTF-8") from None
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror or type(error).__name__}") from None
    if not text or len(text) > _LARGEST:
        raise ValueError(f"{path} is {'empty' if not text else 'too large'}: it holds the secret and nothing else")
    return text


def keys_of(text: str) -> tuple[str, ...]:
    """Keys that are separated by commas or line breaks, in their order."""
    return tuple(key.strip() for key in text.replace(",", "\n").split("\n") if key.strip())


def long_keys(text: str) -> str:
    """The keys of a text, separated by commas.

    Raises:
        ValueError: there is none, or one is short, or stands there twice.
    """
    keys = keys_of(text)
    if not keys or min(map(len, keys)) < 32:
        raise ValueError("too short: give keys of at least 32 characters that nobody can guess, newest first")
    if len(set(keys)) < len(keys):
        raise ValueError("the same key stands there twice")
    return ",".join(keys)


def kept_secret(path: Path) -> str:
    """The secret of a data folder, made (mode 0600) where there is none yet."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    if not path.exists():
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
        try:
            os.link(fresh, path)  # the first of two processes wins, the second reads the winner's
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text()
