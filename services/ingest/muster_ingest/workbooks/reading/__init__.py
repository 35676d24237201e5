"""Reading uploaded files: a guard, then a child process with bounds on time and memory."""
