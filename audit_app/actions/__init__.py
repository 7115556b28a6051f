"""What can be done: one function per verb, given a session, an actor and plain values."""
