"""Bytes in, bytes out: the only doors to the blob store, Pillow and WeasyPrint."""
