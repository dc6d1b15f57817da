//! The same run where nothing is real.
