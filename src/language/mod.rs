//! What shell and SQL text means, without running it.
