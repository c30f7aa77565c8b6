"""Configuration files as text with places: read whole, changed at exact ranges, so that the rest stays as it is."""
