"""`pharos verify`: works everything out again from the stored events, and says where the store differs."""
