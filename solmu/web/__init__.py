"""The pages of a hub, for stewards, importers and administrators: server-rendered, on the same core as the CLI."""
