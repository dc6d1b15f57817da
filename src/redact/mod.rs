//! Masking secrets in a stream of bytes.
