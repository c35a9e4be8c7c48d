"""Xinglin: continuing education with credits of legal weight for rural doctors."""
