"""Templates: workbooks of an office that say how to fill them in and help to."""
