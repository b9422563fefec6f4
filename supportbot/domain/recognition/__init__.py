"""What a message is: a question, thanks, trouble, a follow-up."""
