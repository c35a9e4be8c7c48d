"""The front pages: show everything, own nothing."""
