"""The mail room: texts, messages, post. Knows paper and post, not the process."""
