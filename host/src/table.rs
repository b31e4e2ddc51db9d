//! Tables of text for a terminal, each column as wide as what is in it.

use crate::plain;

/// Where the text of a column stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Left,
    /// For numbers.
    Right,
}

/// The lines of a table, the heads of its columns first. Text is cleaned of what a terminal would obey.
pub(crate) fn lines<const COLUMNS: usize>(
    heads: [(&str, Side); COLUMNS],
    rows: &[[String; COLUMNS]],
) -> Vec<String> {
    let head = heads.map(|(head, _)| head.to_owned());
    let rows: Vec<[String; COLUMNS]> = std::iter::once(&head)
        .chain(rows)
        .map(|row| row.each_ref().map(|cell| plain(cell)))
        .collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let widths: Vec<usize> = (0..COLUMNS).filter_map(width).collect();
    let line = |row: &[String; COLUMNS]| {
        let cells = row.iter().zip(heads).zip(widths.iter().copied());
        let cells = cells.map(|((cell, (_, side)), width)| match side {
            Side::Left => format!("{cell:<width$}"),
            Side::Right => format!("{cell:>width$}"),
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_what_is_in_them() {
        let rows = [
            ["a".to_owned(), "1".to_owned()],
            ["ünder\u{1b}[1m".to_owned(), "1000".to_owned()],
        ];
        let lines = lines([("NAME", Side::Left), ("N", Side::Right)], &rows);
        assert_eq!(
            lines,
            ["NAME          N", "a             1", "ünder\u{fffd}[1m  1000"]
        );
    }
}
