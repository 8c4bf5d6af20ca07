"""The same rules for many people: one table of facts in, verdicts, reasons and open questions out."""
