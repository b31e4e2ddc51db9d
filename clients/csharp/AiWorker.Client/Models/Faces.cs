using System;
using System.Collections.Generic;
using System.Runtime.Serialization;

namespace AiWorker.Client
{
    /// <summary>One face, and why it is in its cluster.</summary>
    [DataContract]
    public sealed class FaceAnswer
    {
        /// <summary>Stays the same when the photo is processed again.</summary>
        [DataMember(Name = "face_id", IsRequired = true)]
        public Guid FaceId { get; set; }

        /// <summary>The photo it is in.</summary>
        [DataMember(Name = "file_id", IsRequired = true)]
        public string FileId { get; set; } = "";

        /// <summary>The person, after all merges.</summary>
        [DataMember(Name = "cluster_id", IsRequired = true)]
        public Guid ClusterId { get; set; }

        /// <summary>
        /// <c>[x1, y1, x2, y2]</c> in whole pixels of the upright photo; <c>x2</c> and <c>y2</c> are exclusive.
        /// </summary>
        [DataMember(Name = "bounding_box", IsRequired = true)]
        public AnswerList<int> BoundingBox { get; set; } = new AnswerList<int>();

        /// <summary>The detector's score, 0 to 1.</summary>
        [DataMember(Name = "confidence", IsRequired = true)]
        public double Confidence { get; set; }

        /// <summary>The quality of the face: how reliably it can be told from other faces, 0 to 1.</summary>
        [DataMember(Name = "quality", IsRequired = true)]
        public double Quality { get; set; }

        /// <summary>Whether a user put the face into its cluster.</summary>
        [DataMember(Name = "corrected", IsRequired = true)]
        public bool Corrected { get; set; }

        /// <summary>
        /// Why the face is in its cluster; null if the face was stored by a version that did not record it.
        /// </summary>
        [DataMember(Name = "decision", IsRequired = true)]
        public Explanation? Decision { get; set; }
    }

    /// <summary>Why a face is in its cluster. Merges of whole clusters do not change it.</summary>
    [DataContract]
    public sealed class Explanation
    {
        /// <summary>Who decided; <see cref="Deciders"/>.</summary>
        [DataMember(Name = "decided_by", IsRequired = true)]
        public string DecidedBy { get; set; } = "";

        /// <summary>The rule that decided, in one sentence.</summary>
        [DataMember(Name = "reason", IsRequired = true)]
        public string Reason { get; set; } = "";

        /// <summary>When, in seconds since 1970.</summary>
        [DataMember(Name = "at", IsRequired = true)]
        public long At { get; set; }

        /// <summary><see cref="At"/> as a point in time.</summary>
        public DateTimeOffset AtTime { get => Times.Of(At); set => At = Times.Seconds(value); }

        /// <summary>SHA-256 of the policy's component file in hexadecimal; null when no policy decided.</summary>
        [DataMember(Name = "policy", IsRequired = true)]
        public string? Policy { get; set; }

        /// <summary>The network that made the vectors.</summary>
        [DataMember(Name = "embedding_model", IsRequired = true)]
        public string EmbeddingModel { get; set; } = "";

        /// <summary>
        /// The similarity threshold that the policy was given: at or above it, two faces are one person.
        /// </summary>
        [DataMember(Name = "threshold", IsRequired = true)]
        public double Threshold { get; set; }

        /// <summary>
        /// The most similar faces that the policy saw, most similar first, at most 10.
        /// </summary>
        [DataMember(Name = "neighbours", IsRequired = true)]
        public AnswerList<Neighbour> Neighbours { get; set; } = new AnswerList<Neighbour>();
    }

    /// <summary>A stored face that resembles a candidate; mirrors <c>neighbour</c> of the WIT package.</summary>
    [DataContract]
    public sealed class Neighbour
    {
        /// <summary>The stored face.</summary>
        [DataMember(Name = "face_id", IsRequired = true)]
        public Guid FaceId { get; set; }

        /// <summary>The cluster that the face is in.</summary>
        [DataMember(Name = "cluster_id", IsRequired = true)]
        public Guid ClusterId { get; set; }

        /// <summary>Cosine similarity with the candidate.</summary>
        [DataMember(Name = "similarity", IsRequired = true)]
        public double Similarity { get; set; }

        /// <summary>Its quality, 0 to 1.</summary>
        [DataMember(Name = "quality", IsRequired = true)]
        public double Quality { get; set; }

        /// <summary>Whether the face is in the same photo as the candidate.</summary>
        [DataMember(Name = "same_photo", IsRequired = true)]
        public bool SamePhoto { get; set; }
    }

    /// <summary>The cluster to which a face belongs.</summary>
    [DataContract]
    internal sealed class MoveRequest
    {
        /// <summary>The cluster that the face belongs to; null for a new cluster of its own.</summary>
        [DataMember(Name = "cluster_id")]
        public Guid? ClusterId { get; set; }
    }

    /// <summary>The cluster of a face after a correction.</summary>
    [DataContract]
    public sealed class MoveAnswer
    {
        /// <summary>The face.</summary>
        [DataMember(Name = "face_id", IsRequired = true)]
        public Guid FaceId { get; set; }

        /// <summary>The cluster in which it is now.</summary>
        [DataMember(Name = "cluster_id", IsRequired = true)]
        public Guid ClusterId { get; set; }

        /// <summary>The cluster in which it was before; the same one if nothing moved.</summary>
        [DataMember(Name = "from_cluster_id", IsRequired = true)]
        public Guid FromClusterId { get; set; }
    }

    /// <summary>The person or face that is a different person.</summary>
    [DataContract]
    internal sealed class DistinctFaceRequest
    {
        /// <summary>The face that is another person.</summary>
        [DataMember(Name = "face_id", IsRequired = true)]
        public Guid FaceId { get; set; }
    }

    /// <summary>Whether anything was taken back.</summary>
    [DataContract]
    public sealed class WithdrawalAnswer
    {
        /// <summary>The face, or what was detected as one.</summary>
        [DataMember(Name = "face_id", IsRequired = true)]
        public Guid FaceId { get; set; }

        /// <summary>
        /// Whether there was a statement to take back; false if it was already taken back or never made.
        /// </summary>
        [DataMember(Name = "withdrawn", IsRequired = true)]
        public bool Withdrawn { get; set; }
    }

    /// <summary>What was rejected as not being a face.</summary>
    [DataContract]
    public sealed class RejectAnswer
    {
        /// <summary>The id of the rejected face, which no longer exists.</summary>
        [DataMember(Name = "face_id", IsRequired = true)]
        public Guid FaceId { get; set; }

        /// <summary>The photo it is in.</summary>
        [DataMember(Name = "file_id", IsRequired = true)]
        public string FileId { get; set; } = "";

        /// <summary>The rejected place: whatever is detected here again is ignored.</summary>
        [DataMember(Name = "bounding_box", IsRequired = true)]
        public AnswerList<int> BoundingBox { get; set; } = new AnswerList<int>();
    }
}
