"""What a configuration may say, and how it is read: YAML -> strict pydantic -> frozen targets. Pydantic stops here."""
