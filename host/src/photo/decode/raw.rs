//! RAW files that are no TIFF, or not quite.

/// First bytes, and whose files they are. Canon's newer ones say so in their type (ISO/IEC 14496-12).
const HEADS: [(usize, &[u8], &str); 9] = [
    (0, b"IIRO", "a RAW file of Olympus (ORF)"),
    (0, b"IIRS", "a RAW file of Olympus (ORF)"),
    (0, b"MMOR", "a RAW file of Olympus (ORF)"),
    (0, b"IIU\0", "a RAW file of Panasonic (RW2)"),
    (0, b"FUJIFILMCCD-RAW", "a RAW file of Fujifilm (RAF)"),
    (0, b"FOVb", "a RAW file of Sigma (X3F)"),
    (0, b"\0MRM", "a RAW file of Minolta (MRW)"),
    (6, b"HEAPCCDR", "a RAW file of Canon (CRW)"),
    (4, b"ftypcrx ", "a RAW file of Canon (CR3)"),
];

/// What a file is that is RAW, but not built as DNG, NEF, CR2 and ARW are.
pub(super) fn name(bytes: &[u8]) -> Option<&'static str> {
    HEADS
        .iter()
        .find(|(place, head, _)| bytes.get(*place..).is_some_and(|rest| rest.starts_with(head)))
        .map(|(_, _, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_files_are_told_by_their_first_bytes() {
        assert_eq!(name(b"IIRO\x08\0\0\0"), Some("a RAW file of Olympus (ORF)"));
        assert_eq!(name(b"\0\0\0\x18ftypcrx \0"), Some("a RAW file of Canon (CR3)"));
        assert_eq!(name(b"\0\0\0\x18ftypheic"), None);
        assert_eq!(name(b"II\x2A\0"), None);
        assert_eq!(name(b"HEAPCCDR"), None);
        assert_eq!(name(b""), None);
    }
}
