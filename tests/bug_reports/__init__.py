"""One test or a few for each bug report behind the plan, named by its id."""
