"""Files of other makers become drafts: Word documents, Common Cartridges, Moodle backups, web pages.

A file is read in a child process (`child`), within limits and with nothing but the file; what it brings (`brought`) is
shown before anything is made of it (`rehearsing`), and becomes a draft when somebody takes it.
"""
