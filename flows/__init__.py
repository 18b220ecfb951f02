"""What happens by itself. One Prefect flow per file; file, flow and deployment have the same name."""
