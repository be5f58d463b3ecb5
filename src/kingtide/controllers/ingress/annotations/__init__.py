"""haproxytech's annotations: one file a family, with the same names and meaning."""
