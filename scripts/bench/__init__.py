"""What scripts/rivals is made of: other load generators beside dyno, in one run."""
