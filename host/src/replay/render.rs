//! A report as text for a terminal.

use std::fmt::{self, Display, Formatter};

use super::report::{
    DescriptionReport, Failure, MissingEvidence, PartitionReport, PhraseChange, ReplayReport, TagChange,
};
use crate::domain::FileId;
use crate::plain;
use crate::plugins::PluginIdentity;

/// How many tags the text lists; JSON has all.
const TAGS: usize = 20;
/// How many phrases, failures, merges and splits the text lists of those the report has.
const EXAMPLES: usize = 10;

impl Display for ReplayReport {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tagger(report) => descriptions(out, "tagger", report),
            Self::ContextMapper(report) => descriptions(out, "context-mapper", report),
            Self::ClusterPolicy(report) => partition(out, report),
        }
    }
}

fn descriptions(out: &mut Formatter<'_>, slot: &str, report: &DescriptionReport) -> fmt::Result {
    head(out, slot, &report.candidate)?;
    writeln!(out, "  photos       {}", report.photos)?;
    if let Some(threshold) = report.tag_threshold {
        writeln!(
            out,
            "  tags         {} photos gain or lose tags at threshold {threshold}, {} more only change their order",
            report.tags_changed, report.tags_reordered
        )?;
    }
    let mut tags: Vec<(&String, &TagChange)> = report.tags.iter().collect();
    tags.sort_by_key(|(_, change)| std::cmp::Reverse(change.gained + change.lost));
    for (tag, change) in tags.iter().take(TAGS) {
        tag_change(out, tag, change)?;
    }
    more(out, "tags", tags.len(), TAGS)?;
    writeln!(
        out,
        "  contexts     {} photos get another phrase",
        report.contexts_changed
    )?;
    for change in report.phrases.iter().take(EXAMPLES) {
        phrase_change(out, change)?;
    }
    let listed: u64 = report
        .phrases
        .iter()
        .take(EXAMPLES)
        .map(|change| change.photos)
        .sum();
    if report.contexts_changed > listed {
        writeln!(
            out,
            "    and others in {} more photos",
            report.contexts_changed - listed
        )?;
    }
    missing(out, &report.missing_evidence)?;
    failures(out, report.failed, &report.failures)?;
    if let Some(applied) = &report.applied {
        writeln!(
            out,
            "  applied      {} photos; {} not changed because evidence is missing, {} because they changed meanwhile",
            applied.written, applied.incomplete, applied.changed_meanwhile
        )?;
    }
    Ok(())
}

/// How many photos gain and lose a tag, and the first of them, each with a sign.
fn tag_change(out: &mut Formatter<'_>, tag: &str, change: &TagChange) -> fmt::Result {
    write!(
        out,
        "    +{:<6} -{:<6} {:<20}",
        change.gained,
        change.lost,
        plain(tag)
    )?;
    let gained = change.gained_in.iter().map(|file| ('+', file));
    let lost = change.lost_in.iter().map(|file| ('-', file));
    for (sign, file) in gained.chain(lost) {
        write!(out, " {sign}{}", plain(file.as_str()))?;
    }
    writeln!(out)
}

/// One phrase below the other, so that they can be compared by eye, and the first photos.
fn phrase_change(out: &mut Formatter<'_>, change: &PhraseChange) -> fmt::Result {
    let photos: Vec<String> = change.first.iter().map(FileId::as_str).map(plain).collect();
    let rest = if change.photos > photos.len() as u64 {
        ", ..."
    } else {
        ""
    };
    writeln!(out, "    {:<6}  {}", change.photos, plain(&change.before))?;
    writeln!(out, "        ->  {}", plain(&change.after))?;
    writeln!(out, "            in {}{rest}", photos.join(", "))
}

fn partition(out: &mut Formatter<'_>, report: &PartitionReport) -> fmt::Result {
    head(out, "cluster-policy", &report.candidate)?;
    writeln!(
        out,
        "  faces        {}, of which {} move, at threshold {}",
        report.faces, report.faces_moved, report.threshold
    )?;
    writeln!(
        out,
        "  clusters     {} become {}",
        report.clusters_before, report.clusters_after
    )?;
    writeln!(out, "  merges       {}", report.merges_found)?;
    for merge in report.merges.iter().take(EXAMPLES) {
        writeln!(
            out,
            "    {} clusters, {} faces",
            merge.clusters_found, merge.faces
        )?;
        for cluster in merge.clusters.iter().take(EXAMPLES) {
            writeln!(out, "      {}  {} faces", cluster.cluster_id, cluster.faces)?;
        }
    }
    writeln!(out, "  splits       {}", report.splits_found)?;
    for split in report.splits.iter().take(EXAMPLES) {
        let parts: Vec<String> = split
            .parts
            .iter()
            .take(EXAMPLES)
            .map(ToString::to_string)
            .collect();
        let rest = if split.parts_found > parts.len() as u64 {
            ", ..."
        } else {
            ""
        };
        writeln!(
            out,
            "    {}  {} parts: {}{rest}",
            split.cluster_id,
            split.parts_found,
            parts.join(", ")
        )?;
    }
    if report.splits_found > 0 {
        writeln!(out, "    a split may undo merges that people made by hand")?;
    }
    missing(out, &report.missing_evidence)?;
    failures(out, report.failed, &report.failures)
}

fn head(out: &mut Formatter<'_>, slot: &str, candidate: &PluginIdentity) -> fmt::Result {
    writeln!(
        out,
        "{slot} {} {} from {}, replayed over the stored photos",
        plain(&candidate.name),
        plain(&candidate.version),
        plain(&candidate.origin)
    )
}

fn missing(out: &mut Formatter<'_>, missing: &MissingEvidence) -> fmt::Result {
    if missing.photos == 0 {
        return Ok(());
    }
    let kinds = [
        ("labels", missing.labels),
        ("similarities", missing.similarities),
        ("caption", missing.caption),
        ("demographics", missing.demographics),
        ("pixels", missing.pixels),
        ("text-similarities", missing.text_similarities),
        ("objects", missing.objects),
        ("text", missing.text),
        ("surroundings", missing.surroundings),
    ];
    let kinds: Vec<String> = kinds
        .iter()
        .filter(|(_, photos)| *photos > 0)
        .map(|(kind, photos)| format!("{kind} of {photos}"))
        .collect();
    writeln!(
        out,
        "  incomplete   {} photos lack evidence that the candidate wants ({}); their results are not reliable",
        missing.photos,
        kinds.join(", ")
    )
}

fn failures(out: &mut Formatter<'_>, failed: u64, failures: &[Failure]) -> fmt::Result {
    writeln!(out, "  failed       {failed} photos")?;
    for failure in failures.iter().take(EXAMPLES) {
        let file = plain(failure.file_id.as_str());
        writeln!(out, "    {file}: {}", plain(&failure.error))?;
    }
    Ok(())
}

fn more(out: &mut Formatter<'_>, what: &str, all: usize, listed: usize) -> fmt::Result {
    if all > listed {
        writeln!(out, "    and {} more {what}", all - listed)?;
    }
    Ok(())
}
