//! What a guest is told when wasi-nn refuses it something.

/// An error as a guest sees it. The texts are the host's own and short: what a guest makes the host say is kept for it.
#[expect(
    unreachable_pub,
    reason = "the generated bindings name it as if they were public"
)]
pub struct NnError {
    pub(super) code: NnErrorCode,
    pub(super) text: &'static str,
}

/// The codes of wasi-nn that this host answers with.
#[derive(Clone, Copy, Debug)]
pub(super) enum NnErrorCode {
    Timeout,
    RuntimeError,
    UnsupportedOperation,
    NotFound,
}
