//! The incident report.
