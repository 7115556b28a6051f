"""What is kept: tables, queries, checklists on file."""
