"""The sender's own workbook with marks on the wrong cells, and without them again."""
