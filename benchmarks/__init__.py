"""How fast and how faithful this installation is, measured: `make bench`, docs/performance.md."""
