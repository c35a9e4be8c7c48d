"""The course package: read it (folder or ZIP), check it line by line, render its lessons. Pure."""
