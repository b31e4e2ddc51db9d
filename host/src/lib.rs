//! `ai-worker` describes photos: the people in them, tags, and one Indonesian phrase of context.

pub mod domain;
pub mod models;
pub mod photo;
