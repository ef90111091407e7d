"""Points of series: append and scan."""
