//! Running SQL blocks.
