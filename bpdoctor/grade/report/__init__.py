"""What instructor and students get: pages, tables and the formats of other platforms."""
