"""A ticket as a picture and as a PDF. Nothing in here asks the database, so that any thread may draw."""
