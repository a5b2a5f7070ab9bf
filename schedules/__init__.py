"""What happens without anybody typing. Writes no SQL."""
