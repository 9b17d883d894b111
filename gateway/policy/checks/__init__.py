"""What can be said of policies without a message: one file for each kind of question."""
