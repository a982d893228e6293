"""The editor's desk: submissions, what was found in them, what was decided, in the browser and over HTTP."""
