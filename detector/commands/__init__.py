"""The longer commands, one module each, and the streams they write to. `detector.cli` knows their options."""
