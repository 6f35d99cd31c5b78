"""What benchmarks run in environments of their own, away from our lock file: labelled sets and peers."""
