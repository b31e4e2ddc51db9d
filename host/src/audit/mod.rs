//! The audit log: who changed plugins, and who corrected what about people. Like the log, it is for all modules.
//!
//! `audit.jsonl` has one line for each change and each refusal. Lines are added at its end; it is written anew as a whole
//! only when what is said of a deleted person is taken out of it, and when entries are older than `AUDIT_KEEP_DAYS`.

mod entry;
mod file;
#[cfg(test)]
mod tests;

pub use entry::{AuditEntry, AuditEvent, Who};
pub use file::{AuditLog, AuditPage};
