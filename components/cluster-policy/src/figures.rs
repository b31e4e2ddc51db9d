//! The policy's figures, and what they rest on.
//!
//! Similarities are given relative to the model's threshold `t`, and to the *room* above it, `1 - t`, so that they hold
//! for any embedder and any threshold an operator chooses.
//!
//! They were chosen on portraits of 17 people with eight group photos among them, with both embedders, over 20 orders of
//! arrival (the photos as they are, half of them and all of them blurred, shrunk or compressed), and on made-up
//! collections of some 3,700 faces of 320 people that were fitted to those photos (`cargo bench --bench simulator`), each
//! after consolidation. None is a peak: moved by the step that its comment names, either way, no mean `BCubed` F changes by
//! more than 0.02.

/// How many stored faces the policy asks for, 1 to 100: enough to see how similar strangers are ([`COHORT`]). With 30 the
/// made-up people of the embedder of 512 dimensions are in 2.2 clusters each instead of 1.7; with 100 nothing changes.
pub(crate) const NEIGHBOURS: u32 = 60;

/// How many of a cluster's faces speak for it: the mean of the best three, not the best one alone, which one wrongly
/// placed face would decide, and not all of them, which would split people who change. Step 1.
pub(crate) const EXEMPLARS: usize = 3;

/// The least weight of a face in the mean, so that faces of quality 0 have one too. The weight is the quality.
pub(crate) const LEAST_WEIGHT: f32 = 0.05;

/// Quality below which a face is poor: it shows half of the person. Step 0.05.
///
/// Measured as the similarity that one pair of strangers in a thousand exceeds, at a threshold of 0.45:
///
/// | quality | of a poor face with good ones | of two such faces |
/// |---|---|---|
/// | below .2 | .28, .23 | .47, .77 |
/// | .2 to .3 | .30, .24 | .49, .69 |
/// | .3 to .4 | .32, .29 | .49, .67 |
/// | .4 to .5 | .41, .38 | .50, .59 |
/// | .5 to .6 | .40, .46 | .45, .50 |
/// | .6 to .7 | .44, .51 | .42, .51 |
///
/// (first `SFace`, then the embedder of 512 dimensions). Blur moves all faces the same way, so two poor faces resemble
/// each other whoever they are; but a poor face resembles no good one of somebody else.
pub(crate) const POOR: f32 = 0.5;

/// Quality from which a face is good. Step 0.1.
pub(crate) const GOOD: f32 = 0.7;

/// What two poor faces need beyond the threshold, as a share of the room, when the better one has quality 0; less
/// towards [`POOR`]. Two faces that show nothing are never one person. Step 0.3.
pub(crate) const MORE_BETWEEN_POOR_FACES: f32 = 1.0;

/// What a poor face needs less than the threshold, as a share of it, with a face that is not poor, when its quality is
/// 0; nothing at [`POOR`]. One person's similarity falls with quality, and that of strangers falls with it (see
/// [`POOR`]), so the same risk is taken at a lower figure. Step 0.2.
pub(crate) const LESS_FOR_A_POOR_FACE: f32 = 0.3;

/// What a good face needs beyond the threshold, as a share of the room, when [`CROWD`] or more faces of a cluster are
/// shown; nothing for one face, and for [`POOR`] faces. The best of many similarities with a stranger is higher than
/// any one of them is likely to be: those of the two most alike of the 17 people spread by 0.05, and by as much the
/// mean of the best three of ten is above the mean of all. Step 0.05.
pub(crate) const MORE_FOR_A_CROWD: f32 = 0.1;

/// From how many faces of a cluster on nothing is added; in between by the logarithm of their number.
pub(crate) const CROWD: f32 = 10.0;

/// What is needed beyond the threshold, as a share of the room, when one face speaks for a cluster; half of it for two,
/// and so on. Among the faces of hundreds of people one stranger is often as similar as the threshold, but not three
/// times in a row; and a stranger who was let into a cluster of one attracts others, where a face that was kept out is
/// consolidated when there are more to compare. Step 0.05.
pub(crate) const MORE_FOR_ONE_FACE: f32 = 0.2;

/// Nothing is needed for that when the next person is behind by this much, as a share of the room: where nobody else
/// comes near, as in a small collection, nobody is as similar by chance. Step 0.05.
pub(crate) const AHEAD_WITH_FEW: f32 = 0.3;

/// What is needed beyond the threshold, as a share of the room, of a cluster that has a face in the same photo: two faces
/// in one photo are two people, unless it is a mirror or a collage. At a threshold of 0.45 this is 0.725, which mirror
/// images (0.90 and more) and three quarters of the pairs of portraits of one person reach, but no strangers (0.57).
pub(crate) const MORE_IN_ONE_PHOTO: f32 = 0.5;

/// The best cluster is ahead of the second by less than this, as a share of the room: a tie. Step 0.05.
pub(crate) const TIE: f32 = 0.05;

/// A tie that the best cluster wins: it has this much more than it needs, as a share of the room. Step 0.1.
///
/// A tie is most often one person in two clusters, and then either is right; joining one of them keeps the pieces few, and
/// consolidation puts them together. It may also be two people who look alike, and then the better one is right more
/// often than not. Only a tie of two clusters that both hardly reach what they need is left open: the face founds a
/// provisional cluster, which is put right by one merge, where a wrong face in a cluster would go on to attract others.
pub(crate) const CLEAR: f32 = 0.1;

/// A stored face that is alone, or one of two, joins, when it is looked at again, a cluster that does not reach what it needs, when the
/// next people are behind by this much, as a share of the room: how similar strangers are to *this* face says more than
/// what they are in general, which is why speaker recognition normalises scores by a cohort of impostors (Auckenthaler,
/// Carey and Lloyd-Thomas, Digital Signal Processing 10, 2000).
///
/// Not when a face comes: its own person may be about to come, and one face in the wrong cluster attracts all others of
/// its person. Only a face whose cluster has [`FEW_TOGETHER`] faces at most: people who were seen more often and not joined
/// are most likely people.
///
/// With 0.2 and single faces only, F of consolidated photos that nobody had tuned to is 0.923 instead of 0.968 at a
/// precision of 0.999 (756 photos of 60 people, `models/evaluation`; the figures were chosen on 53 others). Step 0.03.
pub(crate) const AHEAD: f32 = 0.14;

/// The most faces of a cluster that joins another because that is ahead.
pub(crate) const FEW_TOGETHER: u64 = 2;

/// The same for a poor face, to which strangers are less similar: it finds 77 % and 64 %, and lets in 10 % and 1 %.
/// Step 0.02.
pub(crate) const AHEAD_WHEN_POOR: f32 = 0.1;

/// The least similarity for that, as a share of the threshold. Step 0.1.
pub(crate) const LEAST_AHEAD: f32 = 0.7;

/// The least similarity of the next people for that, as a share of the threshold: among few people nobody resembles the
/// face, and then being ahead says nothing. Step 0.1.
pub(crate) const LEAST_OF_THE_NEXT: f32 = 0.4;

/// How many people are the next ones, whose mean counts: one of them may be the same person in another cluster. Step 1.
pub(crate) const NEXT_PEOPLE: usize = 3;

/// How many faces of other people must be shown for that. With 5 and with 30 the results are the same.
pub(crate) const COHORT: usize = 20;

/// How many faces of a cluster must be shown to count as a person there: single faces are the most similar ones by
/// chance, and often another poor face of the same person. With 1 the made-up people of the embedder of 512 dimensions are
/// in 2.2 clusters each instead of 1.7.
pub(crate) const SHOWN_OF_A_PERSON: usize = 2;
