//! Values into text, never as code.
