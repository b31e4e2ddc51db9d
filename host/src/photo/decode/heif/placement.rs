//! Where the pixels of a coded picture belong in the upright one.

use std::ops::Range;

/// Crops and turns in the order that a file names them: a coded pixel's column and row, times these, plus these, are
/// its upright ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Placement {
    /// Width and height in pixels when all is done.
    pub(super) size: (u32, u32),
    /// What a step to the right, a step down, and the start mean for the upright column.
    column: [i64; 3],
    /// The same for the upright row.
    row: [i64; 3],
}

/// A row of coded pixels, or a part of it, in the upright picture.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// The coded columns that are not cropped away.
    pub(super) columns: Range<u32>,
    /// Where the first of them belongs, counted in pixels from the top left, row by row.
    pub(super) start: i64,
    /// From there to the next one.
    pub(super) step: i64,
}

impl Placement {
    pub(super) fn new(size: (u32, u32)) -> Self {
        Self {
            size,
            column: [1, 0, 0],
            row: [0, 1, 0],
        }
    }

    /// Keeps a rectangle; what of it lies outside does not count. None when nothing is left.
    pub(super) fn crop(&mut self, columns: Range<i64>, rows: Range<i64>) -> Option<()> {
        let within = |range: Range<i64>, limit: u32| {
            let (start, end) = (range.start.max(0), range.end.min(i64::from(limit)));
            let length = u32::try_from(end - start).ok().filter(|length| *length > 0)?;
            Some((start, length))
        };
        let (left, width) = within(columns, self.size.0)?;
        let (top, height) = within(rows, self.size.1)?;
        self.column[2] -= left;
        self.row[2] -= top;
        self.size = (width, height);
        Some(())
    }

    /// Turns by quarters of a circle, anticlockwise.
    pub(super) fn turn(&mut self, quarters: u8) {
        for _ in 0..quarters % 4 {
            let last = i64::from(self.size.0) - 1;
            let column = self.column;
            self.column = self.row;
            self.row = [-column[0], -column[1], last - column[2]];
            self.size = (self.size.1, self.size.0);
        }
    }

    /// Exchanges left and right.
    pub(super) fn mirror_columns(&mut self) {
        let last = i64::from(self.size.0) - 1;
        self.column = [-self.column[0], -self.column[1], last - self.column[2]];
    }

    /// Exchanges top and bottom.
    pub(super) fn mirror_rows(&mut self) {
        let last = i64::from(self.size.1) - 1;
        self.row = [-self.row[0], -self.row[1], last - self.row[2]];
    }

    /// Where the pixels of some columns in a coded row belong; none when all are cropped away.
    pub(super) fn line(&self, row: u32, columns: Range<u32>) -> Option<Line> {
        let at = |axis: [i64; 3]| axis[1] * i64::from(row) + axis[2];
        let mut left = i64::from(columns.start);
        let mut right = i64::from(columns.end);
        for (axis, limit) in [(self.column, self.size.0), (self.row, self.size.1)] {
            let (start, limit) = (at(axis), i64::from(limit));
            match axis[0] {
                0 if (0..limit).contains(&start) => {}
                0 => return None,
                1 => {
                    left = left.max(-start);
                    right = right.min(limit - start);
                }
                _ => {
                    left = left.max(start - limit + 1);
                    right = right.min(start + 1);
                }
            }
        }
        if left >= right {
            return None;
        }
        let width = i64::from(self.size.0);
        let (x, y) = (
            self.column[0] * left + at(self.column),
            self.row[0] * left + at(self.row),
        );
        Some(Line {
            columns: u32::try_from(left).ok()?..u32::try_from(right).ok()?,
            start: y * width + x,
            step: self.row[0] * width + self.column[0],
        })
    }
}
