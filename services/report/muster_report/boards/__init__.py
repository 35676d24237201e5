"""Figures on pages: the tables of the reports' books, drawn, filtered and kept until the change log moves on."""
