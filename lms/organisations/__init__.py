"""Regions and institutions: the tree, its places and who is inside whom."""
