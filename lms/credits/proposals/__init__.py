"""Proposals: a training centre proposes what an edition is worth, an authority decides."""
