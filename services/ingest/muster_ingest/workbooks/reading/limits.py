"""What one file may cost, with the reason for each figure.

Honest workbooks of offices stay far below all of them; the benchmark's 100,000 rows of 30 columns pass.
"""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1024 * 1024
DEEPEST_COLUMN = 16_384  # XFD, the last column of the format itself
DEEPEST_ROW = 1_048_576  # the last row of the format itself


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Bounds of one file; every field says its unit."""

    # -- the file and its zip
    file_bytes: int = 100 * MIB  # what an upload may weigh; larger ones are refused before they reach us
    parts: int = 5_000  # entries of the zip; a workbook with pictures on each sheet has hundreds
    expanded_bytes: int = 600 * MIB  # all parts inflated; 100,000 x 30 cells take 130 MB
    ratio: int = 150  # inflated bytes per packed byte, of parts above `ratio_from_bytes`; honest sheets stay below 24
    ratio_from_bytes: int = MIB  # below this a high ratio does no harm (an empty styled sheet packs well)
    small_part_bytes: int = 16 * MIB  # workbook.xml, relations, content types, properties: read as a whole
    styles_bytes: int = 64 * MIB  # 65,000 cell formats with their fonts and fills
    strings_bytes: int = 150 * MIB  # text of the shared strings, held in memory while the sheets are read

    # -- XML
    depth: int = 64  # nested elements; a sheet needs 7, a rich text 9
    attributes: int = 128  # of one element; the format's richest has about 30
    token_bytes: int = MIB  # one tag, comment or instruction; the parser looks at an unfinished one again and again

    # -- the workbook
    sheets: int = 100
    rows: int = 110_000  # of a sheet, that hold anything: the largest upload is 100,000
    row_elements: int = 1_200_000  # of all sheets, empty ones too: one sheet formatted to its last row passes
    columns: int = 500  # up to the last cell of a row that holds anything; the widest kind has 60
    cells: int = 4_000_000  # of all sheets: 100,000 rows of 30, and styled blanks beside them
    text_characters: int = 32_767  # of one cell: the format's own limit
    delivered_characters: int = 50_000_000  # of all cells, and as many again as follow from the file's size:
    delivered_per_byte: int = 5  # characters for each inflated byte; one long shared text may stand in a million cells
    merged_ranges: int = 10_000  # of a sheet
    styles: int = 65_000  # cell formats: the format's own limit is 65,490
    properties: int = 1_000  # custom document properties

    # -- time and memory of the child process
    cpu_seconds: float = 4.0  # guarding, and reading of small files
    cpu_seconds_per_mib: float = 0.12  # more for each MiB that the guard counted: three times what honest files take
    memory_bytes: int = 280 * MIB  # address space of the child; 100,000 x 30 takes less than half
    retire_bytes: int = 150 * MIB  # a child that has grown above this is replaced after its job
    wait_seconds: float = 15.0  # the parent waits so long for the next frame
    queue_seconds: float = 20.0  # a caller waits so long for a free child

    def text_budget(self, expanded: int) -> int:
        """Characters that all cells together may hold, of a file that takes so many bytes inflated."""
        return self.delivered_characters + self.delivered_per_byte * expanded

    def cpu_budget(self, expanded: int) -> float:
        """CPU seconds for a file that takes so many bytes inflated."""
        return self.cpu_seconds + self.cpu_seconds_per_mib * expanded / MIB


LIMITS = Limits()
