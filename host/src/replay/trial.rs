//! Trials: what a candidate answers about the latest of what is stored, before it takes the place of another plugin.

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use super::descriptions::{self, MapperCandidate, TaggerCandidate};
use super::evidence::lacking;
use super::people::{CandidatePolicy, Group, group};
use super::{PAGE, Replay};
use crate::domain::{Evidence, FileId};
use crate::people::{PeopleError, Policy};
use crate::plugins::{
    Candidate, ClusterPolicy, ContextMapper, PluginError, PluginSet, Tagger, Trial, TrialReport,
    TrialSettings,
};
use crate::store::StoreError;

/// Trials on what a replay would run over.
pub struct Trials {
    replay: Replay,
    settings: TrialSettings,
    never_stored: Evidence,
}

/// Why a trial ended early.
enum End {
    /// The candidate failed on this photo.
    Failed(FileId, Box<dyn Error + Send + Sync>),
    Store(StoreError),
    TimeOver,
    Abandoned,
}

impl From<StoreError> for End {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// A trial that goes on.
struct Going<'a> {
    report: TrialReport,
    /// How many more may be tried or skipped.
    left: usize,
    end: Instant,
    abandoned: &'a CancellationToken,
}

impl Going<'_> {
    /// Waits for the store, but no longer than there is time or anybody waits for the outcome.
    async fn read<T>(&self, read: impl Future<Output = Result<T, StoreError>>) -> Result<T, End> {
        tokio::select! {
            biased;
            () = self.abandoned.cancelled() => Err(End::Abandoned),
            () = tokio::time::sleep_until(self.end.into()) => Err(End::TimeOver),
            read = read => Ok(read?),
        }
    }

    fn skip(&mut self) {
        self.left = self.left.saturating_sub(1);
        self.report.skipped += 1;
    }

    /// Asks once, if there is time.
    async fn ask(
        &mut self,
        file: &FileId,
        answer: impl Future<Output = Result<(), NoAnswer>>,
    ) -> Result<(), End> {
        if self.abandoned.is_cancelled() {
            return Err(End::Abandoned);
        }
        if Instant::now() >= self.end {
            return Err(End::TimeOver);
        }
        match answer.await {
            Ok(()) => {}
            Err(NoAnswer::Store(error)) => return Err(End::Store(error)),
            Err(NoAnswer::Candidate(error)) => return Err(End::Failed(file.clone(), error)),
        }
        self.left = self.left.saturating_sub(1);
        self.report.tried += 1;
        Ok(())
    }
}

/// Why there is no answer.
enum NoAnswer {
    Candidate(Box<dyn Error + Send + Sync>),
    Store(StoreError),
}

impl Trials {
    /// Trials on what this replay would run over; none when the settings say so. A scene is skipped when it lacks evidence
    /// that the candidate wants and a scene may have. Evidence that is `never_stored`, and similarities with the prompts of
    /// another tagger, no scene has for it: it is asked without them, and must answer then, too.
    #[must_use]
    pub fn new(replay: Replay, settings: TrialSettings, never_stored: Evidence) -> Option<Self> {
        (settings.scenes > 0).then_some(Self {
            replay,
            settings,
            never_stored,
        })
    }

    /// Asks about the latest scenes.
    async fn scenes(
        &self,
        candidate: Arc<impl descriptions::Candidate>,
        going: &mut Going<'_>,
    ) -> Result<(), End> {
        let people = &self.replay.people;
        let evidence = candidate.evidence().without(self.never_stored);
        let available = self.replay.settings.available;
        let mut before = None;
        while going.left > 0 {
            let wanted = going.left.min(PAGE);
            let page = going.read(people.latest_photos(before, wanted)).await?;
            let is_last = page.len() < wanted;
            for sequenced in page {
                before = Some(sequenced.position);
                let photo = sequenced.photo;
                if lacking(evidence, available, Evidence::default(), &photo.scene) != Evidence::default() {
                    going.skip();
                    continue;
                }
                let (scene, _) = candidate.scene(&photo);
                let (asked, file) = (Arc::clone(&candidate), photo.file_id.clone());
                let answer = async {
                    let answer = tokio::task::spawn_blocking(move || asked.answer(&photo, &scene)).await;
                    match answer {
                        Ok(answer) => answer.map_err(|error| NoAnswer::Candidate(error.into())),
                        Err(error) => Err(NoAnswer::Candidate(error.into())),
                    }
                };
                going.ask(&file, answer).await?;
            }
            if is_last {
                break;
            }
        }
        Ok(())
    }

    /// Asks a policy about the latest faces, photo by photo.
    async fn faces(&self, policy: Arc<ClusterPolicy>, going: &mut Going<'_>) -> Result<(), End> {
        let people = &self.replay.people;
        let policy: Arc<dyn Policy> = Arc::new(CandidatePolicy(policy));
        let mut before = None;
        // A photo's faces follow one another, and may lie on two pages.
        let mut latest: Option<FileId> = None;
        while going.left > 0 {
            let wanted = going.left.min(PAGE);
            let page = going.read(people.latest_faces(before, wanted)).await?;
            let is_last = page.len() < wanted;
            for sequenced in page {
                before = Some(sequenced.position);
                let file = sequenced.face.file_id;
                if latest.as_ref() == Some(&file) {
                    continue;
                }
                // None when the photo was deleted a moment ago.
                if let Some(photo) = going.read(people.photo(&file)).await? {
                    let group = group(photo.faces, photo.record);
                    self.faces_of(&file, &group, &policy, going).await?;
                }
                latest = Some(file);
            }
            if is_last {
                break;
            }
        }
        Ok(())
    }

    async fn faces_of(
        &self,
        file: &FileId,
        group: &Group,
        policy: &Arc<dyn Policy>,
        going: &mut Going<'_>,
    ) -> Result<(), End> {
        for index in 0..group.faces.len() {
            if going.left == 0 {
                break;
            }
            if group.incomplete {
                going.skip();
                continue;
            }
            let answer = async {
                let asked = self.replay.people.rehearse(&group.faces, index, policy).await;
                asked.map_err(|error| match error {
                    PeopleError::Store(error) => NoAnswer::Store(error),
                    // The policy's own error says more than that it failed.
                    PeopleError::Policy(error) => NoAnswer::Candidate(error),
                    other => NoAnswer::Candidate(other.into()),
                })
            };
            going.ask(file, answer).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl Trial for Trials {
    async fn run(
        &self,
        candidate: &Candidate,
        active: &PluginSet,
        abandoned: &CancellationToken,
    ) -> Result<TrialReport, PluginError> {
        let started = Instant::now();
        let mut going = Going {
            report: TrialReport::default(),
            left: self.settings.scenes,
            end: started + self.settings.limit,
            abandoned,
        };
        let ended = if let Some(tagger) = candidate.get::<Tagger>() {
            let (active, threshold) = (Arc::new(active.clone()), self.replay.settings.tag_threshold);
            let asked = TaggerCandidate::new(Arc::clone(tagger), active, threshold);
            self.scenes(Arc::new(asked), &mut going).await
        } else if let Some(mapper) = candidate.get::<ContextMapper>() {
            let asked = MapperCandidate(Arc::clone(mapper));
            self.scenes(Arc::new(asked), &mut going).await
        } else if let Some(policy) = candidate.get::<ClusterPolicy>() {
            self.faces(Arc::clone(policy), &mut going).await
        } else {
            // Nothing is stored that it could be asked, so it is asked nothing.
            Ok(())
        };
        let mut report = going.report;
        match ended {
            Ok(()) | Err(End::Abandoned) => {}
            Err(End::TimeOver) => report.timed_out = true,
            Err(End::Store(error)) => report.problem = Some(error.to_string()),
            Err(End::Failed(file, source)) => {
                let slot = candidate.slot();
                return Err(PluginError::TrialFailed { slot, file, source });
            }
        }
        report.took_ms = milliseconds(started.elapsed());
        Ok(report)
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
