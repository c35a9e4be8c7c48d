"""Personal data: who looked at whole numbers, what a person may have of her own, and how she leaves."""
