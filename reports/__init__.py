"""What is true of many questions: the committee's agenda and decisions, and the papers made of them."""
