//! The names that networks give what they see, and what an author may have meant by another.

use std::sync::LazyLock;

/// The classes of the image classifier, in the order of its output.
static LABELS: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    include_str!("../../../../models/imagenet-labels.txt")
        .lines()
        .collect()
});
/// The classes of the object detector.
static OBJECTS: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    include_str!("../../../../models/coco-classes.txt")
        .lines()
        .collect()
});

/// How like two names are of which one may be meant by the other, 0 to 1.
const ALIKE: f64 = 0.5;

/// The classes of the image classifier from one to another, in the order of its output.
///
/// # Errors
/// When it does not have them so.
pub(super) fn labels(first: &str, last: &str) -> Result<&'static [&'static str], String> {
    let (from, to) = (place(first)?, place(last)?);
    LABELS
        .get(from..=to)
        .filter(|labels| !labels.is_empty())
        .ok_or_else(|| format!("\"{first} .. {last}\": the classifier's list has them the other way round"))
}

fn place(name: &str) -> Result<usize, String> {
    let found = LABELS.iter().position(|known| *known == name);
    found.ok_or_else(|| {
        let meant = meant(name, LABELS.iter().copied());
        format!("the classifier has no label {name:?}{meant} (see models/imagenet-labels.txt)")
    })
}

/// Makes sure that the object detector has a class.
///
/// # Errors
/// When it has not.
pub(super) fn check_object(name: &str) -> Result<(), String> {
    if OBJECTS.contains(&name) {
        return Ok(());
    }
    let meant = meant(name, OBJECTS.iter().copied());
    Err(format!(
        "the object detector has no class {name:?}{meant} (see models/coco-classes.txt)"
    ))
}

/// What to say of the name that is most like one that does not exist; nothing when none is much like it.
pub(super) fn meant<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> String {
    let likeness = |known: &str| strsim::normalized_damerau_levenshtein(known, name);
    let nearest = names
        .map(|known| (known, likeness(known)))
        .max_by(|a, b| a.1.total_cmp(&b.1));
    match nearest {
        Some((known, likeness)) if likeness >= ALIKE => format!("; the nearest is {known:?}"),
        _ => String::new(),
    }
}
