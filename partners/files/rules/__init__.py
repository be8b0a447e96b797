"""What files hold, as plain values."""
