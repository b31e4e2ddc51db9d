using System;
using System.Collections.Generic;
using System.Runtime.Serialization;

namespace AiWorker.Client
{
    /// <summary>A page of clusters, in the order that was asked for.</summary>
    [DataContract]
    public sealed class ClusterPage
    {
        /// <summary>The clusters.</summary>
        [DataMember(Name = "clusters", IsRequired = true)]
        public AnswerList<ClusterAnswer> Clusters { get; set; } = new AnswerList<ClusterAnswer>();

        /// <summary>Where the next page starts; null at the end.</summary>
        [DataMember(Name = "next", IsRequired = true)]
        public Guid? Next { get; set; }

        /// <summary>
        /// Send it together with <c>next</c> to get the next page; null at the end, and with the order by id.
        /// </summary>
        [DataMember(Name = "next_key", IsRequired = true)]
        public long? NextKey { get; set; }
    }

    /// <summary>A page of people who resemble one person, most similar first.</summary>
    [DataContract]
    public sealed class SimilarClusterPage
    {
        /// <summary>The person, after all merges.</summary>
        [DataMember(Name = "cluster_id", IsRequired = true)]
        public Guid ClusterId { get; set; }

        /// <summary>The others.</summary>
        [DataMember(Name = "similar", IsRequired = true)]
        public AnswerList<SimilarCluster> Similar { get; set; } = new AnswerList<SimilarCluster>();

        /// <summary>Where the next page starts; null at the end.</summary>
        [DataMember(Name = "next", IsRequired = true)]
        public string? Next { get; set; }
    }

    /// <summary>A person who resembles another.</summary>
    [DataContract]
    public sealed class SimilarCluster
    {
        /// <summary>The person, after all merges.</summary>
        [DataMember(Name = "cluster_id", IsRequired = true)]
        public Guid ClusterId { get; set; }

        /// <summary>How many faces the person has.</summary>
        [DataMember(Name = "faces", IsRequired = true)]
        public long Faces { get; set; }

        /// <summary>The face whose picture is the cluster's thumbnail.</summary>
        [DataMember(Name = "representative_face_id", IsRequired = true)]
        public Guid RepresentativeFaceId { get; set; }

        /// <summary>The path of the thumbnail.</summary>
        [DataMember(Name = "thumbnail", IsRequired = true)]
        public string Thumbnail { get; set; } = "";

        /// <summary>Whether a user hid the person from lists.</summary>
        [DataMember(Name = "hidden", IsRequired = true)]
        public bool Hidden { get; set; }

        /// <summary>
        /// Whether the person is provisional: it was created for a face of uncertain identity, and since then no other
        /// face has joined and nobody has corrected it.
        /// </summary>
        [DataMember(Name = "provisional", IsRequired = true)]
        public bool Provisional { get; set; }

        /// <summary>
        /// The cosine similarity of the other person's most similar face to the mean of the person's best faces, -1 to
        /// 1.
        /// </summary>
        [DataMember(Name = "similarity", IsRequired = true)]
        public double Similarity { get; set; }

        /// <summary>Whether the two were stated to be different people.</summary>
        [DataMember(Name = "distinct", IsRequired = true)]
        public bool Distinct { get; set; }

        /// <summary>Whether the pair was marked as unsure.</summary>
        [DataMember(Name = "unsure", IsRequired = true)]
        public bool Unsure { get; set; }
    }

    /// <summary>One person.</summary>
    [DataContract]
    public sealed class ClusterAnswer
    {
        /// <summary>The person, after all merges.</summary>
        [DataMember(Name = "cluster_id", IsRequired = true)]
        public Guid ClusterId { get; set; }

        /// <summary>How many faces the person has.</summary>
        [DataMember(Name = "faces", IsRequired = true)]
        public long Faces { get; set; }

        /// <summary>The face whose picture is the cluster's thumbnail.</summary>
        [DataMember(Name = "representative_face_id", IsRequired = true)]
        public Guid RepresentativeFaceId { get; set; }

        /// <summary>The path of the thumbnail.</summary>
        [DataMember(Name = "thumbnail", IsRequired = true)]
        public string Thumbnail { get; set; } = "";

        /// <summary>Whether a user hid the person from lists.</summary>
        [DataMember(Name = "hidden", IsRequired = true)]
        public bool Hidden { get; set; }

        /// <summary>
        /// Whether the person is provisional: it was created for a face of uncertain identity, and since then no other
        /// face has joined and nobody has corrected it.
        /// </summary>
        [DataMember(Name = "provisional", IsRequired = true)]
        public bool Provisional { get; set; }
    }

    /// <summary>One person with everything that is stored besides the faces.</summary>
    [DataContract]
    public sealed class ClusterDetails
    {
        /// <summary>The person, after all merges.</summary>
        [DataMember(Name = "cluster_id", IsRequired = true)]
        public Guid ClusterId { get; set; }

        /// <summary>How many faces the person has.</summary>
        [DataMember(Name = "faces", IsRequired = true)]
        public long Faces { get; set; }

        /// <summary>The face whose picture is the cluster's thumbnail.</summary>
        [DataMember(Name = "representative_face_id", IsRequired = true)]
        public Guid RepresentativeFaceId { get; set; }

        /// <summary>The path of the thumbnail.</summary>
        [DataMember(Name = "thumbnail", IsRequired = true)]
        public string Thumbnail { get; set; } = "";

        /// <summary>Whether a user hid the person from lists.</summary>
        [DataMember(Name = "hidden", IsRequired = true)]
        public bool Hidden { get; set; }

        /// <summary>
        /// Whether the person is provisional: it was created for a face of uncertain identity, and since then no other
        /// face has joined and nobody has corrected it.
        /// </summary>
        [DataMember(Name = "provisional", IsRequired = true)]
        public bool Provisional { get; set; }

        /// <summary>The clusters that were merged into this one; their ids stay valid and mean this person.</summary>
        [DataMember(Name = "merged_cluster_ids", IsRequired = true)]
        public AnswerList<Guid> MergedClusterIds { get; set; } = new AnswerList<Guid>();

        /// <summary>The clusters that were stated to be different people.</summary>
        [DataMember(Name = "distinct_cluster_ids", IsRequired = true)]
        public AnswerList<Guid> DistinctClusterIds { get; set; } = new AnswerList<Guid>();
    }

    /// <summary>A page of faces, in the order that was asked for.</summary>
    [DataContract]
    public sealed class FacePage
    {
        /// <summary>
        /// The cluster that has the faces: a different one than requested if the requested one was merged into it.
        /// </summary>
        [DataMember(Name = "cluster_id", IsRequired = true)]
        public Guid ClusterId { get; set; }

        /// <summary>The faces.</summary>
        [DataMember(Name = "faces", IsRequired = true)]
        public AnswerList<ClusterFace> Faces { get; set; } = new AnswerList<ClusterFace>();

        /// <summary>Where the next page starts; null at the end.</summary>
        [DataMember(Name = "next", IsRequired = true)]
        public long? Next { get; set; }
    }

    /// <summary>One face of a cluster.</summary>
    [DataContract]
    public sealed class ClusterFace
    {
        /// <summary>Stays the same when the photo is processed again.</summary>
        [DataMember(Name = "face_id", IsRequired = true)]
        public Guid FaceId { get; set; }

        /// <summary>The photo it is in.</summary>
        [DataMember(Name = "file_id", IsRequired = true)]
        public string FileId { get; set; } = "";

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

        /// <summary>Whether a user put the face into this cluster.</summary>
        [DataMember(Name = "corrected", IsRequired = true)]
        public bool Corrected { get; set; }

        /// <summary>
        /// With the order by fit: the cosine similarity of the face to the mean of the person's best other faces, -1 to
        /// 1. Null if there are no other faces, and with the other order.
        /// </summary>
        [DataMember(Name = "similarity", IsRequired = true)]
        public double? Similarity { get; set; }
    }

    /// <summary>What to change about a person.</summary>
    [DataContract]
    internal sealed class ChangeClusterRequest
    {
        /// <summary>Whether the person is hidden: lists with <c>hidden=false</c> leave hidden people out.</summary>
        [DataMember(Name = "hidden", IsRequired = true)]
        public bool Hidden { get; set; }
    }

    /// <summary>The new representative face of a person.</summary>
    [DataContract]
    internal sealed class RepresentRequest
    {
        /// <summary>One of the person's faces.</summary>
        [DataMember(Name = "face_id", IsRequired = true)]
        public Guid FaceId { get; set; }
    }

    /// <summary>The representative face of a person.</summary>
    [DataContract]
    public sealed class RepresentAnswer
    {
        /// <summary>The person, after all merges.</summary>
        [DataMember(Name = "cluster_id", IsRequired = true)]
        public Guid ClusterId { get; set; }

        /// <summary>The face whose picture is the thumbnail.</summary>
        [DataMember(Name = "representative_face_id", IsRequired = true)]
        public Guid RepresentativeFaceId { get; set; }
    }

    /// <summary>Clusters that are one person.</summary>
    [DataContract]
    internal sealed class MergeRequest
    {
        /// <summary>The clusters whose faces move; their ids stay valid and mean the target.</summary>
        [DataMember(Name = "source_cluster_ids", IsRequired = true)]
        public IList<Guid> SourceClusterIds { get; set; } = new List<Guid>();

        /// <summary>The cluster that gets their faces.</summary>
        [DataMember(Name = "target_cluster_id", IsRequired = true)]
        public Guid TargetClusterId { get; set; }
    }

    /// <summary>What a merge did.</summary>
    [DataContract]
    public sealed class MergeAnswer
    {
        /// <summary>Always true; a failed merge is answered with a problem instead.</summary>
        [DataMember(Name = "success", IsRequired = true)]
        public bool Success { get; set; }

        /// <summary>How many faces moved; 0 if the same merge was already done.</summary>
        [DataMember(Name = "merged_count", IsRequired = true)]
        public long MergedCount { get; set; }

        /// <summary>The cluster in which the faces are now.</summary>
        [DataMember(Name = "target_cluster_id", IsRequired = true)]
        public Guid TargetClusterId { get; set; }
    }

    /// <summary>What taking back a merge did.</summary>
    [DataContract]
    public sealed class UnmergeAnswer
    {
        /// <summary>The cluster that exists again.</summary>
        [DataMember(Name = "cluster_id", IsRequired = true)]
        public Guid ClusterId { get; set; }

        /// <summary>
        /// The cluster that it had been merged into; null if it was already restored or never merged.
        /// </summary>
        [DataMember(Name = "from_cluster_id", IsRequired = true)]
        public Guid? FromClusterId { get; set; }

        /// <summary>How many of its earlier faces came back.</summary>
        [DataMember(Name = "moved_faces", IsRequired = true)]
        public long MovedFaces { get; set; }

        /// <summary>
        /// How many faces that had joined after the merge came with them, because they resemble this person more.
        /// </summary>
        [DataMember(Name = "later_faces", IsRequired = true)]
        public long LaterFaces { get; set; }
    }

    /// <summary>Faces that are another person.</summary>
    [DataContract]
    internal sealed class SplitRequest
    {
        /// <summary>The faces that are another person.</summary>
        [DataMember(Name = "face_ids", IsRequired = true)]
        public IList<Guid> FaceIds { get; set; } = new List<Guid>();
    }

    /// <summary>What a split did.</summary>
    [DataContract]
    public sealed class SplitAnswer
    {
        /// <summary>The cluster that keeps the other faces.</summary>
        [DataMember(Name = "cluster_id", IsRequired = true)]
        public Guid ClusterId { get; set; }

        /// <summary>The cluster of the named faces.</summary>
        [DataMember(Name = "new_cluster_id", IsRequired = true)]
        public Guid NewClusterId { get; set; }

        /// <summary>How many faces moved; 0 if the same split was already done.</summary>
        [DataMember(Name = "moved_faces", IsRequired = true)]
        public long MovedFaces { get; set; }
    }

    /// <summary>The person or face that is a different person.</summary>
    [DataContract]
    internal sealed class DistinctClusterRequest
    {
        /// <summary>The cluster that is another person.</summary>
        [DataMember(Name = "cluster_id", IsRequired = true)]
        public Guid ClusterId { get; set; }
    }

    /// <summary>The people who are stated to be different from this person.</summary>
    [DataContract]
    public sealed class DistinctAnswer
    {
        /// <summary>The person.</summary>
        [DataMember(Name = "cluster_id", IsRequired = true)]
        public Guid ClusterId { get; set; }

        /// <summary>The clusters that were stated to be different people.</summary>
        [DataMember(Name = "distinct_cluster_ids", IsRequired = true)]
        public AnswerList<Guid> DistinctClusterIds { get; set; } = new AnswerList<Guid>();
    }

    /// <summary>Which clusters to compare, and whether to merge them.</summary>
    [DataContract]
    internal sealed class ConsolidateRequest
    {
        /// <summary>Whether to only report what would be done.</summary>
        [DataMember(Name = "dry_run")]
        public bool DryRun { get; set; }

        /// <summary>Where to start: <c>next</c> of the previous answer.</summary>
        [DataMember(Name = "after", EmitDefaultValue = false)]
        public Guid? After { get; set; }

        /// <summary>How many clusters to compare in this call.</summary>
        [DataMember(Name = "limit", EmitDefaultValue = false)]
        public int? Limit { get; set; }
    }

    /// <summary>What was done, or would be done.</summary>
    [DataContract]
    public sealed class ConsolidationAnswer
    {
        /// <summary>Whether this was a dry run, which changed nothing.</summary>
        [DataMember(Name = "dry_run", IsRequired = true)]
        public bool DryRun { get; set; }

        /// <summary>How many clusters were compared.</summary>
        [DataMember(Name = "clusters", IsRequired = true)]
        public long Clusters { get; set; }

        /// <summary>How many faces the policy was asked about.</summary>
        [DataMember(Name = "faces", IsRequired = true)]
        public long Faces { get; set; }

        /// <summary>What was merged, or would be.</summary>
        [DataMember(Name = "merges", IsRequired = true)]
        public AnswerList<MergeReport> Merges { get; set; } = new AnswerList<MergeReport>();

        /// <summary>Where the next page starts; null at the end.</summary>
        [DataMember(Name = "next", IsRequired = true)]
        public Guid? Next { get; set; }
    }

    /// <summary>Two clusters that are one person.</summary>
    [DataContract]
    public sealed class MergeReport
    {
        /// <summary>
        /// The cluster that is merged into the target; its id stays valid, and <c>unmerge</c> restores the cluster.
        /// </summary>
        [DataMember(Name = "source_cluster_id", IsRequired = true)]
        public Guid SourceClusterId { get; set; }

        /// <summary>Gets its faces.</summary>
        [DataMember(Name = "target_cluster_id", IsRequired = true)]
        public Guid TargetClusterId { get; set; }

        /// <summary>How many faces move.</summary>
        [DataMember(Name = "moved_faces", IsRequired = true)]
        public long MovedFaces { get; set; }

        /// <summary>How many faces the policy was asked about.</summary>
        [DataMember(Name = "asked_faces", IsRequired = true)]
        public long AskedFaces { get; set; }

        /// <summary>How many of these faces the policy would put into the other cluster.</summary>
        [DataMember(Name = "votes", IsRequired = true)]
        public long Votes { get; set; }

        /// <summary>The policy's reason for the first of these faces.</summary>
        [DataMember(Name = "reason", IsRequired = true)]
        public string Reason { get; set; } = "";
    }
}
