"""Reports of a journalled migration: one line a lead, or one page for people."""

from leadgateway.report.lines import csv_lines, json_lines
from leadgateway.report.page import page

__all__ = ["csv_lines", "json_lines", "page"]
