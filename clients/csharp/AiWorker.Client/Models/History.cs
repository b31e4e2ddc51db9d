using System;
using System.Collections.Generic;
using System.Runtime.Serialization;

namespace AiWorker.Client
{
    /// <summary>A page of corrections, newest first.</summary>
    [DataContract]
    public sealed class HistoryAnswer
    {
        /// <summary>The person, after all merges.</summary>
        [DataMember(Name = "cluster_id", IsRequired = true)]
        public Guid ClusterId { get; set; }

        /// <summary>The corrections.</summary>
        [DataMember(Name = "entries", IsRequired = true)]
        public AnswerList<CorrectionEntry> Entries { get; set; } = new AnswerList<CorrectionEntry>();

        /// <summary>Where the next page starts; null at the end.</summary>
        [DataMember(Name = "next", IsRequired = true)]
        public long? Next { get; set; }
    }

    /// <summary>
    /// A correction of people. It does not have ids of people, faces or photos that were deleted later.
    /// </summary>
    [DataContract]
    public sealed class CorrectionEntry
    {
        /// <summary>Its position in the list.</summary>
        [DataMember(Name = "position", IsRequired = true)]
        public long Position { get; set; }

        /// <summary>When, in seconds since 1970.</summary>
        [DataMember(Name = "at", IsRequired = true)]
        public long At { get; set; }

        /// <summary><see cref="At"/> as a point in time.</summary>
        public DateTimeOffset AtTime { get => Times.Of(At); set => At = Times.Seconds(value); }

        /// <summary>
        /// The name of the key of the request; null if no key was needed, or if the worker acted by itself.
        /// </summary>
        [DataMember(Name = "key", IsRequired = true)]
        public string? Key { get; set; }

        /// <summary>
        /// The kind of correction: <see cref="CorrectionKinds"/>; for an undo, the kind of the correction that it
        /// undid.
        /// </summary>
        [DataMember(Name = "kind", IsRequired = true)]
        public string Kind { get; set; } = "";

        /// <summary>The people that the correction concerns; the order depends on the kind.</summary>
        [DataMember(Name = "cluster_ids", IsRequired = true)]
        public AnswerList<Guid> ClusterIds { get; set; } = new AnswerList<Guid>();

        /// <summary>The first 100 faces that the correction concerns.</summary>
        [DataMember(Name = "face_ids", IsRequired = true)]
        public AnswerList<Guid> FaceIds { get; set; } = new AnswerList<Guid>();

        /// <summary>How many faces the correction concerns.</summary>
        [DataMember(Name = "faces", IsRequired = true)]
        public long Faces { get; set; }

        /// <summary>The position of the correction that this one undoes; null if this is not an undo.</summary>
        [DataMember(Name = "undoes", IsRequired = true)]
        public long? Undoes { get; set; }

        /// <summary>Whether the correction is undone (and the undo was not undone in turn).</summary>
        [DataMember(Name = "undone", IsRequired = true)]
        public bool Undone { get; set; }

        /// <summary>Whether the correction can be undone now.</summary>
        [DataMember(Name = "undoable", IsRequired = true)]
        public bool Undoable { get; set; }

        /// <summary>Why it cannot be undone, as a clause; null if it can.</summary>
        [DataMember(Name = "why_not", IsRequired = true)]
        public string? WhyNot { get; set; }
    }

    /// <summary>What an undo did.</summary>
    [DataContract]
    public sealed class UndoAnswer
    {
        /// <summary>
        /// The present ids of the people whom the correction concerned; people who no longer exist are left out.
        /// </summary>
        [DataMember(Name = "cluster_ids", IsRequired = true)]
        public AnswerList<Guid> ClusterIds { get; set; } = new AnswerList<Guid>();

        /// <summary>The entry of the undo itself, which can be undone in turn.</summary>
        [DataMember(Name = "entry", IsRequired = true)]
        public CorrectionEntry Entry { get; set; } = new CorrectionEntry();
    }

    /// <summary>What was corrected.</summary>
    public static class CorrectionKinds
    {
        /// <summary>Clusters were merged into the first one.</summary>
        public const string Merged = "merged";

        /// <summary>The first cluster was brought back, which had been merged into the second.</summary>
        public const string Unmerged = "unmerged";

        /// <summary>Faces were taken out of the first cluster into the second, a new one.</summary>
        public const string Split = "split";

        /// <summary>A face was moved from the first cluster to the second, or confirmed in its own.</summary>
        public const string FaceMoved = "face_moved";

        /// <summary>The face that stands for the cluster was chosen.</summary>
        public const string RepresentativeChosen = "representative_chosen";

        /// <summary>Two clusters were said to be different people.</summary>
        public const string ClustersDistinguished = "clusters_distinguished";

        /// <summary>That was taken back.</summary>
        public const string ClusterDistinctionWithdrawn = "cluster_distinction_withdrawn";

        /// <summary>Two faces were said to be different people.</summary>
        public const string FacesDistinguished = "faces_distinguished";

        /// <summary>That was taken back.</summary>
        public const string FaceDistinctionWithdrawn = "face_distinction_withdrawn";

        /// <summary>A face of the cluster was rejected as not being a face.</summary>
        public const string FaceRejected = "face_rejected";

        /// <summary>That was taken back.</summary>
        public const string FaceRejectionWithdrawn = "face_rejection_withdrawn";

        /// <summary>The person was put out of the way.</summary>
        public const string Hidden = "hidden";

        /// <summary>That was taken back.</summary>
        public const string Shown = "shown";

        /// <summary>A pair of clusters was marked as unsure.</summary>
        public const string MarkedUnsure = "marked_unsure";

        /// <summary>That was taken back.</summary>
        public const string UnsureWithdrawn = "unsure_withdrawn";

        /// <summary>The worker merged the second cluster into the first by itself.</summary>
        public const string Consolidated = "consolidated";
    }
}
