//! Markdown to the model.
