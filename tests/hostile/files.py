"""All hostile files."""

from tests.hostile import sheets, texts, zips

FILES = (*texts.FILES, *zips.FILES, *sheets.FILES)
