"""The page that shows what a run removed and which text stands in more than one document."""

from cleaner.report.gather import Tables
from cleaner.report.page import REPORT, REPORT_DATA, Report

__all__ = ["REPORT", "REPORT_DATA", "Report", "Tables"]
