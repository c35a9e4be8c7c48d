"""A course as a book: an EPUB to read without the network, a PDF to print. Made when somebody asks, then kept."""
