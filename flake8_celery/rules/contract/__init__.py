"""Signatures and names are a public interface."""
