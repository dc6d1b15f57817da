//! Running shell blocks.
