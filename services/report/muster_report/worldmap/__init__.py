"""A map of the world as SVG: shapes of countries, their projection, classes of figures, the picture."""
