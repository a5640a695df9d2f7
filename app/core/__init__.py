"""What every area stands on; knows nothing about retail."""
