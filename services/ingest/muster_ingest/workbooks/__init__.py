"""Workbooks in: read behind a guard, checked cell by cell, given back with each error pinned in its cell."""
