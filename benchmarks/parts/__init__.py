"""One file for each benchmark. None imports Django: what is measured runs in processes of its own."""
