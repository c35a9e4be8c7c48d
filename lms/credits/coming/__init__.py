"""Activities that are to come: entered by an administrator, shown to doctors of the place, offered to their plans."""
