"""What the measured processes do. Imported by `benchmarks.child` only, where Django is set up."""
