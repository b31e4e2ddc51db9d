//! What happened to people.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::stored::Stored;
use crate::store::error::Cause;
use crate::store::event::{Event, LoggedEvent};

/// Something that happened.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum EventJson {
    /// A face is elsewhere.
    Face {
        /// The face.
        face: Uuid,
        /// Where it was.
        from: Option<Uuid>,
        /// Where it is.
        to: Option<Uuid>,
    },
    /// Two are one.
    Merged {
        /// The cluster that is gone.
        from: Uuid,
        /// What its id answers for.
        to: Uuid,
    },
    /// They are two again.
    Unmerged {
        /// What its id answered for.
        from: Uuid,
        /// The cluster.
        to: Uuid,
    },
    /// One is two.
    Split {
        /// The cluster.
        from: Uuid,
        /// The new one.
        to: Uuid,
    },
    /// One is gone.
    Deleted {
        /// What its id was.
        from: Uuid,
    },
}

impl Stored for Event {
    type Json = EventJson;

    fn to_stored(&self) -> EventJson {
        match self {
            Self::Face { face, from, to } => EventJson::Face {
                face: face.to_stored(),
                from: from.to_stored(),
                to: to.to_stored(),
            },
            Self::Merged { from, to } => EventJson::Merged {
                from: from.to_stored(),
                to: to.to_stored(),
            },
            Self::Unmerged { from, to } => EventJson::Unmerged {
                from: from.to_stored(),
                to: to.to_stored(),
            },
            Self::Split { from, to } => EventJson::Split {
                from: from.to_stored(),
                to: to.to_stored(),
            },
            Self::Deleted { from } => EventJson::Deleted {
                from: from.to_stored(),
            },
        }
    }

    fn from_stored(json: EventJson) -> Result<Self, Cause> {
        Ok(match json {
            EventJson::Face { face, from, to } => Self::Face {
                face: Stored::from_stored(face)?,
                from: Stored::from_stored(from)?,
                to: Stored::from_stored(to)?,
            },
            EventJson::Merged { from, to } => Self::Merged {
                from: Stored::from_stored(from)?,
                to: Stored::from_stored(to)?,
            },
            EventJson::Unmerged { from, to } => Self::Unmerged {
                from: Stored::from_stored(from)?,
                to: Stored::from_stored(to)?,
            },
            EventJson::Split { from, to } => Self::Split {
                from: Stored::from_stored(from)?,
                to: Stored::from_stored(to)?,
            },
            EventJson::Deleted { from } => Self::Deleted {
                from: Stored::from_stored(from)?,
            },
        })
    }
}

/// Something that happened, and its place in the order; a line of an archive.
#[derive(Serialize, Deserialize)]
pub struct LoggedEventJson {
    pub(in crate::store) position: u64,
    at: u64,
    event: EventJson,
}

impl Stored for LoggedEvent {
    type Json = LoggedEventJson;

    fn to_stored(&self) -> LoggedEventJson {
        LoggedEventJson {
            position: self.position,
            at: self.at,
            event: self.event.to_stored(),
        }
    }

    fn from_stored(json: LoggedEventJson) -> Result<Self, Cause> {
        Ok(Self {
            position: json.position,
            at: json.at,
            event: Stored::from_stored(json.event)?,
        })
    }
}
