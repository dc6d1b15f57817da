//! What would be run, and what would hurt.
