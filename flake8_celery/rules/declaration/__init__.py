"""Declaring tasks; removed API."""
