"""Tables that go out as files and come in as files: cells, CSV, XLSX. What they are about, features above know."""
