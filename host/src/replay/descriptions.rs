//! Replays of taggers and context mappers.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::evidence::lacking;
use super::report::{Applied, ContextChange, DescriptionReport, Failure, PhotoChange};
use super::tally::{PhraseTally, count_tag};
use super::{Mode, PAGE, Progress, Replay, ReplayError};
use crate::domain::{Evidence, Scene, ScoredTag};
use crate::pipeline::stored_context;
use crate::plugins::{ContextMapper, PluginError, PluginSet, Slot, Tagger};
use crate::store::{PhotoDescription, PhotoRecord, PluginDigests};

/// A candidate for a slot that describes photos.
pub(super) trait Candidate: Send + Sync + 'static {
    /// What it wants to know.
    fn evidence(&self) -> Evidence;

    /// The scene as the candidate may see it, and what had to be taken out.
    fn scene(&self, photo: &PhotoRecord) -> (Scene, Evidence);

    /// Has the candidate answer, and nobody else, for the sake of whether it does. Blocks.
    fn answer(&self, photo: &PhotoRecord, scene: &Scene) -> Result<(), PluginError>;

    /// The photo's description with the candidate in its slot. Blocks.
    fn describe(&self, photo: &PhotoRecord, scene: &Scene) -> Result<PhotoDescription, PluginError>;

    /// Whose answers the candidate's are compared with.
    fn compared_with<'a>(&self, plugins: &'a PluginDigests) -> &'a str;
}

/// A tagger; contexts are made by the active mapper.
pub(super) struct TaggerCandidate {
    tagger: Arc<Tagger>,
    active: Arc<PluginSet>,
    tag_threshold: f32,
    /// The active tagger has the same prompts in the same order.
    same_prompts: bool,
}

impl TaggerCandidate {
    pub(super) fn new(tagger: Arc<Tagger>, active: Arc<PluginSet>, tag_threshold: f32) -> Self {
        Self {
            same_prompts: tagger.prompts() == active.tagger.prompts(),
            tagger,
            active,
            tag_threshold,
        }
    }
}

impl Candidate for TaggerCandidate {
    fn evidence(&self) -> Evidence {
        self.tagger.evidence()
    }

    /// Similarities are numbers in the order of some tagger's prompts. A tagger with other prompts would take them for
    /// something else, so it does not get them.
    fn scene(&self, photo: &PhotoRecord) -> (Scene, Evidence) {
        let mut scene = photo.scene.clone();
        let made_for = photo.prompts_of.as_str();
        let fits = made_for == self.tagger.identity().digest
            || (self.same_prompts && made_for == self.active.tagger.identity().digest);
        let mut had = Evidence::default();
        if !fits {
            had.similarities = scene.similarities.take().is_some();
            had.text_similarities = scene.text_similarities.take().is_some();
        }
        (scene, had)
    }

    fn answer(&self, _: &PhotoRecord, scene: &Scene) -> Result<(), PluginError> {
        self.tagger.tag(scene, None).map(drop)
    }

    fn describe(&self, photo: &PhotoRecord, scene: &Scene) -> Result<PhotoDescription, PluginError> {
        let stored = &photo.description;
        let tags = self.tagger.tag_at_least(scene, None, self.tag_threshold)?;
        let tags: Vec<ScoredTag> = tags.into_iter().map(ScoredTag::without_reason).collect();
        let mut plugins = stored.plugins.clone();
        plugins[Slot::Tagger].clone_from(&self.tagger.identity().digest);
        let context = if tags == stored.tags {
            stored.context.clone()
        } else {
            let mapper = &self.active.context_mapper;
            plugins[Slot::ContextMapper].clone_from(&mapper.identity().digest);
            stored_context(&mapper.map(scene, &tags, None)?)
        };
        Ok(PhotoDescription {
            tags,
            context,
            plugins,
        })
    }

    fn compared_with<'a>(&self, plugins: &'a PluginDigests) -> &'a str {
        &plugins[Slot::Tagger]
    }
}

/// A context mapper; tags are the stored ones.
pub(super) struct MapperCandidate(pub(super) Arc<ContextMapper>);

impl Candidate for MapperCandidate {
    fn evidence(&self) -> Evidence {
        self.0.evidence()
    }

    fn scene(&self, photo: &PhotoRecord) -> (Scene, Evidence) {
        (photo.scene.clone(), Evidence::default())
    }

    fn answer(&self, photo: &PhotoRecord, scene: &Scene) -> Result<(), PluginError> {
        self.0.map(scene, &photo.description.tags, None).map(drop)
    }

    fn describe(&self, photo: &PhotoRecord, scene: &Scene) -> Result<PhotoDescription, PluginError> {
        let mut description = photo.description.clone();
        description.context = stored_context(&self.0.map(scene, &description.tags, None)?);
        description.plugins[Slot::ContextMapper].clone_from(&self.0.identity().digest);
        Ok(description)
    }

    fn compared_with<'a>(&self, plugins: &'a PluginDigests) -> &'a str {
        &plugins[Slot::ContextMapper]
    }
}

/// A stored photo and what the candidate makes of it.
struct Outcome {
    photo: PhotoRecord,
    lacking: Evidence,
    description: Result<PhotoDescription, PluginError>,
}

impl Replay {
    /// Asks a candidate about every stored photo, page by page.
    pub(super) async fn describe_all(
        &self,
        candidate: Arc<impl Candidate>,
        mut report: DescriptionReport,
        mode: Mode,
        progress: Progress,
    ) -> Result<DescriptionReport, ReplayError> {
        let total = self.people.counts().await?.photos;
        report.applied = (mode == Mode::Apply).then(Applied::default);
        let (mut after, mut phrases) = (None, PhraseTally::default());
        loop {
            let page = self.people.photos(after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.position);
            let (asked, progress) = (Arc::clone(&candidate), Arc::clone(&progress));
            let (available, before) = (self.settings.available, report.photos);
            let outcomes = tokio::task::spawn_blocking(move || -> Vec<Outcome> {
                let photos = page.into_iter().map(|sequenced| sequenced.photo);
                let numbered = photos.zip(before + 1..);
                let outcomes = numbered.map(|(photo, done)| {
                    let outcome = ask(&*asked, photo, available);
                    // Photos may come while the replay runs.
                    progress(done, total.max(done));
                    outcome
                });
                outcomes.collect()
            })
            .await?;
            for outcome in outcomes {
                let compared_with = candidate.compared_with(&outcome.photo.description.plugins);
                let photos = report.compared_with.entry(compared_with.to_owned());
                *photos.or_default() += 1;
                self.account(&mut report, &mut phrases, outcome).await?;
            }
        }
        report.phrases = phrases.most(self.settings.examples);
        Ok(report)
    }

    /// Counts what became of one photo, and writes it when that was asked for.
    async fn account(
        &self,
        report: &mut DescriptionReport,
        phrases: &mut PhraseTally,
        outcome: Outcome,
    ) -> Result<(), ReplayError> {
        let Outcome {
            photo,
            lacking,
            description,
        } = outcome;
        report.photos += 1;
        report.missing_evidence.count(lacking);
        let description = match description {
            Ok(description) => description,
            Err(error) => {
                tracing::debug!(error = crate::report(&error), "a plugin failed in a replay");
                report.failed += 1;
                if report.failures.len() < self.settings.examples {
                    report.failures.push(Failure {
                        file_id: photo.file_id,
                        error: error.to_string(),
                    });
                }
                return Ok(());
            }
        };
        compare(report, &photo, &description, self.settings.examples);
        phrases.count(
            &photo.file_id,
            &photo.description.context.phrase,
            &description.context.phrase,
        );
        let Some(applied) = &mut report.applied else {
            return Ok(());
        };
        if lacking != Evidence::default() {
            applied.incomplete += 1;
        } else if photo.description == description || self.people.describe_anew(photo, description).await? {
            applied.written += 1;
        } else {
            applied.changed_meanwhile += 1;
        }
        Ok(())
    }
}

/// Asks about one photo. Blocks.
fn ask(candidate: &impl Candidate, photo: PhotoRecord, available: Evidence) -> Outcome {
    let (scene, had) = candidate.scene(&photo);
    Outcome {
        lacking: lacking(candidate.evidence(), available, had, &scene),
        description: candidate.describe(&photo, &scene),
        photo,
    }
}

fn compare(report: &mut DescriptionReport, photo: &PhotoRecord, after: &PhotoDescription, examples: usize) {
    let before = &photo.description;
    let gained = only_in(&after.tags, &before.tags);
    let lost = only_in(&before.tags, &after.tags);
    for (tags, is_gain) in [(&gained, true), (&lost, false)] {
        for tag in tags {
            count_tag(&mut report.tags, tag, is_gain, &photo.file_id);
        }
    }
    let changed = !(gained.is_empty() && lost.is_empty());
    report.tags_changed += u64::from(changed);
    let names = |tags: &[ScoredTag]| tags.iter().map(|tag| tag.name.clone()).collect::<Vec<_>>();
    report.tags_reordered += u64::from(!changed && names(&before.tags) != names(&after.tags));
    let context = (before.context.phrase != after.context.phrase).then(|| ContextChange {
        before: before.context.phrase.clone(),
        after: after.context.phrase.clone(),
    });
    report.contexts_changed += u64::from(context.is_some());
    if (changed || context.is_some()) && report.examples.len() < examples {
        report.examples.push(PhotoChange {
            file_id: photo.file_id.clone(),
            gained,
            lost,
            context,
        });
    }
}

/// The tags of one list that the other lacks, each once, in their order.
fn only_in(tags: &[ScoredTag], others: &[ScoredTag]) -> Vec<String> {
    let mut known: BTreeSet<&str> = others.iter().map(|tag| tag.name.as_str()).collect();
    let new = tags.iter().filter(|tag| known.insert(&tag.name));
    new.map(|tag| tag.name.clone()).collect()
}
