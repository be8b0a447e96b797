"""What a file of rows may hold. Plain values in, plain values out."""
