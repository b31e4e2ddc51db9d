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

        /// <summary>Where to go on; null at the end.</summary>
        [DataMember(Name = "next", IsRequired = true)]
        public Guid? Next { get; set; }

        /// <summary>
        /// What goes with <c>next</c> into the request for the page after this one; null at the end, and in the order of ids.
        /// </summary>
        [DataMember(Name = "next_key", IsRequired = true)]
        public long? NextKey { get; set; }
    }

    /// <summary>A page of people who resemble one, most similar first.</summary>
    [DataContract]
    public sealed class SimilarClusterPage
    {
        /// <summary>The one, after all merges.</summary>
        [DataMember(Name = "cluster_id", IsRequired = true)]
        public Guid ClusterId { get; set; }

        /// <summary>The others.</summary>
        [DataMember(Name = "similar", IsRequired = true)]
        public AnswerList<SimilarCluster> Similar { get; set; } = new AnswerList<SimilarCluster>();

        /// <summary>Where to go on; null at the end.</summary>
        [DataMember(Name = "next", IsRequired = true)]
        public string? Next { get; set; }
    }

    /// <summary>Somebody who resembles a person.</summary>
    [DataContract]
    public sealed class SimilarCluster
    {
        /// <summary>The person, after all merges.</summary>
        [DataMember(Name = "cluster_id", IsRequired = true)]
        public Guid ClusterId { get; set; }

        /// <summary>How many faces it has.</summary>
        [DataMember(Name = "faces", IsRequired = true)]
        public long Faces { get; set; }

        /// <summary>The face whose picture is the cluster's thumbnail.</summary>
        [DataMember(Name = "representative_face_id", IsRequired = true)]
        public Guid RepresentativeFaceId { get; set; }

        /// <summary>The path of the thumbnail.</summary>
        [DataMember(Name = "thumbnail", IsRequired = true)]
        public string Thumbnail { get; set; } = "";

        /// <summary>Somebody hid the person from lists.</summary>
        [DataMember(Name = "hidden", IsRequired = true)]
        public bool Hidden { get; set; }

        /// <summary>
        /// A face founded the person while it was open who that is, and since then no face joined and nobody corrected it.
        /// </summary>
        [DataMember(Name = "provisional", IsRequired = true)]
        public bool Provisional { get; set; }

        /// <summary>
        /// How similar their most similar face is to the mean of the person's best faces, as a cosine, -1 to 1.
        /// </summary>
        [DataMember(Name = "similarity", IsRequired = true)]
        public double Similarity { get; set; }

        /// <summary>Somebody said that the two are different people.</summary>
        [DataMember(Name = "distinct", IsRequired = true)]
        public bool Distinct { get; set; }

        /// <summary>Somebody could not say whether they are.</summary>
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

        /// <summary>How many faces it has.</summary>
        [DataMember(Name = "faces", IsRequired = true)]
        public long Faces { get; set; }

        /// <summary>The face whose picture is the cluster's thumbnail.</summary>
        [DataMember(Name = "representative_face_id", IsRequired = true)]
        public Guid RepresentativeFaceId { get; set; }

        /// <summary>The path of the thumbnail.</summary>
        [DataMember(Name = "thumbnail", IsRequired = true)]
        public string Thumbnail { get; set; } = "";

        /// <summary>Somebody hid the person from lists.</summary>
        [DataMember(Name = "hidden", IsRequired = true)]
        public bool Hidden { get; set; }

        /// <summary>
        /// A face founded the person while it was open who that is, and since then no face joined and nobody corrected it.
        /// </summary>
        [DataMember(Name = "provisional", IsRequired = true)]
        public bool Provisional { get; set; }
    }

    /// <summary>One person with everything that is known beside the faces.</summary>
    [DataContract]
    public sealed class ClusterDetails
    {
        /// <summary>The person, after all merges.</summary>
        [DataMember(Name = "cluster_id", IsRequired = true)]
        public Guid ClusterId { get; set; }

        /// <summary>How many faces it has.</summary>
        [DataMember(Name = "faces", IsRequired = true)]
        public long Faces { get; set; }

        /// <summary>The face whose picture is the cluster's thumbnail.</summary>
        [DataMember(Name = "representative_face_id", IsRequired = true)]
        public Guid RepresentativeFaceId { get; set; }

        /// <summary>The path of the thumbnail.</summary>
        [DataMember(Name = "thumbnail", IsRequired = true)]
        public string Thumbnail { get; set; } = "";

        /// <summary>Somebody hid the person from lists.</summary>
        [DataMember(Name = "hidden", IsRequired = true)]
        public bool Hidden { get; set; }

        /// <summary>
        /// A face founded the person while it was open who that is, and since then no face joined and nobody corrected it.
        /// </summary>
        [DataMember(Name = "provisional", IsRequired = true)]
        public bool Provisional { get; set; }

        /// <summary>The clusters that were merged into this one; their ids keep answering.</summary>
        [DataMember(Name = "merged_cluster_ids", IsRequired = true)]
        public AnswerList<Guid> MergedClusterIds { get; set; } = new AnswerList<Guid>();

        /// <summary>The clusters that are known to be other people.</summary>
        [DataMember(Name = "distinct_cluster_ids", IsRequired = true)]
        public AnswerList<Guid> DistinctClusterIds { get; set; } = new AnswerList<Guid>();
    }

    /// <summary>A page of faces, in the order that was asked for.</summary>
    [DataContract]
    public sealed class FacePage
    {
        /// <summary>The cluster that has them: another than was asked for when that was merged away.</summary>
        [DataMember(Name = "cluster_id", IsRequired = true)]
        public Guid ClusterId { get; set; }

        /// <summary>The faces.</summary>
        [DataMember(Name = "faces", IsRequired = true)]
        public AnswerList<ClusterFace> Faces { get; set; } = new AnswerList<ClusterFace>();

        /// <summary>Where to go on; null at the end.</summary>
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

        /// <summary>How well it can be told from others, 0 to 1.</summary>
        [DataMember(Name = "quality", IsRequired = true)]
        public double Quality { get; set; }

        /// <summary>Somebody put it into this cluster.</summary>
        [DataMember(Name = "corrected", IsRequired = true)]
        public bool Corrected { get; set; }

        /// <summary>
        /// In the order by fit, how similar it is to the mean of the person's best other faces, as a cosine, -1 to 1; null
        /// where there are none, and in the other order.
        /// </summary>
        [DataMember(Name = "similarity", IsRequired = true)]
        public double? Similarity { get; set; }
    }

    /// <summary>What is to be changed of a person.</summary>
    [DataContract]
    internal sealed class ChangeClusterRequest
    {
        /// <summary>Whether lists that ask for people who are not hidden leave the person out.</summary>
        [DataMember(Name = "hidden", IsRequired = true)]
        public bool Hidden { get; set; }
    }

    /// <summary>Who is to stand for a person.</summary>
    [DataContract]
    internal sealed class RepresentRequest
    {
        /// <summary>One of the person's faces.</summary>
        [DataMember(Name = "face_id", IsRequired = true)]
        public Guid FaceId { get; set; }
    }

    /// <summary>What stands for a person.</summary>
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
        /// <summary>Their faces move; their ids keep answering for the target.</summary>
        [DataMember(Name = "source_cluster_ids", IsRequired = true)]
        public IList<Guid> SourceClusterIds { get; set; } = new List<Guid>();

        /// <summary>Gets their faces.</summary>
        [DataMember(Name = "target_cluster_id", IsRequired = true)]
        public Guid TargetClusterId { get; set; }
    }

    /// <summary>What a merge did.</summary>
    [DataContract]
    public sealed class MergeAnswer
    {
        /// <summary>Always true: what could not be done is a problem.</summary>
        [DataMember(Name = "success", IsRequired = true)]
        public bool Success { get; set; }

        /// <summary>How many faces moved; 0 when the same merge was done before.</summary>
        [DataMember(Name = "merged_count", IsRequired = true)]
        public long MergedCount { get; set; }

        /// <summary>Where the faces are now.</summary>
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

        /// <summary>The cluster it had been merged into; null when it is back already or was never merged.</summary>
        [DataMember(Name = "from_cluster_id", IsRequired = true)]
        public Guid? FromClusterId { get; set; }

        /// <summary>How many faces came back that had been merged away.</summary>
        [DataMember(Name = "moved_faces", IsRequired = true)]
        public long MovedFaces { get; set; }

        /// <summary>
        /// How many faces that had joined since went with them, because they resemble this person more.
        /// </summary>
        [DataMember(Name = "later_faces", IsRequired = true)]
        public long LaterFaces { get; set; }
    }

    /// <summary>Faces that are somebody else.</summary>
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

        /// <summary>How many faces moved; 0 when the same split was done before.</summary>
        [DataMember(Name = "moved_faces", IsRequired = true)]
        public long MovedFaces { get; set; }
    }

    /// <summary>Who somebody is not.</summary>
    [DataContract]
    internal sealed class DistinctClusterRequest
    {
        /// <summary>The cluster that is another person.</summary>
        [DataMember(Name = "cluster_id", IsRequired = true)]
        public Guid ClusterId { get; set; }
    }

    /// <summary>Who is who else than this person.</summary>
    [DataContract]
    public sealed class DistinctAnswer
    {
        /// <summary>The person.</summary>
        [DataMember(Name = "cluster_id", IsRequired = true)]
        public Guid ClusterId { get; set; }

        /// <summary>The clusters that are known to be other people.</summary>
        [DataMember(Name = "distinct_cluster_ids", IsRequired = true)]
        public AnswerList<Guid> DistinctClusterIds { get; set; } = new AnswerList<Guid>();
    }

    /// <summary>Which clusters to look at, and whether to do anything.</summary>
    [DataContract]
    internal sealed class ConsolidateRequest
    {
        /// <summary>Only say what would be done.</summary>
        [DataMember(Name = "dry_run")]
        public bool DryRun { get; set; }

        /// <summary>Only look at clusters after this one; <c>next</c> of the answer before.</summary>
        [DataMember(Name = "after", EmitDefaultValue = false)]
        public Guid? After { get; set; }

        /// <summary>How many clusters to look at.</summary>
        [DataMember(Name = "limit", EmitDefaultValue = false)]
        public int? Limit { get; set; }
    }

    /// <summary>What was done, or would be.</summary>
    [DataContract]
    public sealed class ConsolidationAnswer
    {
        /// <summary>Nothing was done.</summary>
        [DataMember(Name = "dry_run", IsRequired = true)]
        public bool DryRun { get; set; }

        /// <summary>How many clusters were looked at.</summary>
        [DataMember(Name = "clusters", IsRequired = true)]
        public long Clusters { get; set; }

        /// <summary>How many faces the policy was asked about.</summary>
        [DataMember(Name = "faces", IsRequired = true)]
        public long Faces { get; set; }

        /// <summary>What was merged, or would be.</summary>
        [DataMember(Name = "merges", IsRequired = true)]
        public AnswerList<MergeReport> Merges { get; set; } = new AnswerList<MergeReport>();

        /// <summary>Where to go on; null at the end.</summary>
        [DataMember(Name = "next", IsRequired = true)]
        public Guid? Next { get; set; }
    }

    /// <summary>Two clusters that are one person.</summary>
    [DataContract]
    public sealed class MergeReport
    {
        /// <summary>Merged away; its id keeps answering, and <c>unmerge</c> brings it back.</summary>
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

        /// <summary>How many of them it would put into the other cluster.</summary>
        [DataMember(Name = "votes", IsRequired = true)]
        public long Votes { get; set; }

        /// <summary>What it said about the first of those.</summary>
        [DataMember(Name = "reason", IsRequired = true)]
        public string Reason { get; set; } = "";
    }
}
