using System;
using System.Collections.Generic;
using System.Runtime.Serialization;

namespace AiWorker.Client
{
    /// <summary>The progress of a replay.</summary>
    [DataContract]
    public sealed class ReplayStatus
    {
        /// <summary>How many photos (for a policy: faces) are done.</summary>
        [DataMember(Name = "done", IsRequired = true)]
        public long Done { get; set; }

        /// <summary>How many there are; 0 until they are counted.</summary>
        [DataMember(Name = "total", IsRequired = true)]
        public long Total { get; set; }

        /// <summary>The result; null until the replay is done.</summary>
        [DataMember(Name = "report", IsRequired = true)]
        public ReplayReport? Report { get; set; }

        /// <summary>Why it was given up; null when it was not.</summary>
        [DataMember(Name = "error", IsRequired = true)]
        public string? Error { get; set; }
    }

    /// <summary>
    /// The results of a replay. For a tagger or a context mapper, the fields about photos are set; for a cluster policy,
    /// the fields about faces and clusters. The other fields are null.
    /// </summary>
    [DataContract]
    public sealed class ReplayReport
    {
        /// <summary>The slot of the candidate.</summary>
        [DataMember(Name = "slot", IsRequired = true)]
        public string Slot { get; set; } = "";

        /// <summary>The plugin that was tried.</summary>
        [DataMember(Name = "candidate", IsRequired = true)]
        public PluginIdentity Candidate { get; set; } = new PluginIdentity();

        /// <summary>The tag threshold, 0 to 1; null for a context mapper, which gets the stored tags.</summary>
        [DataMember(Name = "tag_threshold")]
        public double? TagThreshold { get; set; }

        /// <summary>Photos replayed, those that failed included.</summary>
        [DataMember(Name = "photos")]
        public long? Photos { get; set; }

        /// <summary>
        /// The number of photos per plugin digest: the plugin whose stored answers were compared with the candidate's.
        /// </summary>
        [DataMember(Name = "compared_with")]
        public IDictionary<string, long>? ComparedWith { get; set; }

        /// <summary>Photos that gain or lose a tag.</summary>
        [DataMember(Name = "tags_changed")]
        public long? TagsChanged { get; set; }

        /// <summary>Photos with the same tags in another order.</summary>
        [DataMember(Name = "tags_reordered")]
        public long? TagsReordered { get; set; }

        /// <summary>Photos that gain or lose each tag; at most the first 10,000 tags.</summary>
        [DataMember(Name = "tags")]
        public IDictionary<string, TagChange>? Tags { get; set; }

        /// <summary>Photos that get another phrase.</summary>
        [DataMember(Name = "contexts_changed")]
        public long? ContextsChanged { get; set; }

        /// <summary>
        /// Which phrases take the place of which, those of most photos first; null from a worker that does not count
        /// them yet.
        /// </summary>
        [DataMember(Name = "phrases")]
        public AnswerList<PhraseChange>? Phrases { get; set; }

        /// <summary>The first photos that get other tags or another phrase.</summary>
        [DataMember(Name = "examples")]
        public AnswerList<PhotoChange>? Examples { get; set; }

        /// <summary>Evidence that the candidate wants and the stored photos lack.</summary>
        [DataMember(Name = "missing_evidence", IsRequired = true)]
        public MissingEvidence MissingEvidence { get; set; } = new MissingEvidence();

        /// <summary>Photos on which a plugin failed.</summary>
        [DataMember(Name = "failed", IsRequired = true)]
        public long Failed { get; set; }

        /// <summary>The first of them.</summary>
        [DataMember(Name = "failures", IsRequired = true)]
        public AnswerList<Failure> Failures { get; set; } = new AnswerList<Failure>();

        /// <summary>What was written; null if the replay was not asked to write.</summary>
        [DataMember(Name = "applied")]
        public Applied? Applied { get; set; }

        /// <summary>The similarity threshold that the policy was given, 0 to 1.</summary>
        [DataMember(Name = "threshold")]
        public double? Threshold { get; set; }

        /// <summary>Faces compared.</summary>
        [DataMember(Name = "faces")]
        public long? Faces { get; set; }

        /// <summary>Stored clusters of these faces.</summary>
        [DataMember(Name = "clusters_before")]
        public long? ClustersBefore { get; set; }

        /// <summary>The candidate's clusters of these faces.</summary>
        [DataMember(Name = "clusters_after")]
        public long? ClustersAfter { get; set; }

        /// <summary>
        /// Faces that are not in the counterpart of their cluster. Stored and new clusters are paired by how many faces
        /// they share, the largest overlap first, and each is used once.
        /// </summary>
        [DataMember(Name = "faces_moved")]
        public long? FacesMoved { get; set; }

        /// <summary>How many of the candidate's clusters combine several stored ones.</summary>
        [DataMember(Name = "merges_found")]
        public long? MergesFound { get; set; }

        /// <summary>The largest of them.</summary>
        [DataMember(Name = "merges")]
        public AnswerList<ClusterMerge>? Merges { get; set; }

        /// <summary>How many stored clusters are split.</summary>
        [DataMember(Name = "splits_found")]
        public long? SplitsFound { get; set; }

        /// <summary>The largest of them.</summary>
        [DataMember(Name = "splits")]
        public AnswerList<ClusterSplit>? Splits { get; set; }
    }

    /// <summary>
    /// Stored photos that lack evidence that the candidate wants: the plugins that were active when the photos were
    /// processed did not ask for it, it cannot be stored (pixels), or it belongs to another tagger's prompts
    /// (similarities). When these photos are processed again, the candidate's answers may differ from those in this
    /// report.
    /// </summary>
    [DataContract]
    public sealed class MissingEvidence
    {
        /// <summary>Photos that lack any of the evidence below.</summary>
        [DataMember(Name = "photos", IsRequired = true)]
        public long Photos { get; set; }

        /// <summary>Photos without labels.</summary>
        [DataMember(Name = "labels", IsRequired = true)]
        public long Labels { get; set; }

        /// <summary>Photos without similarities of the candidate's prompts.</summary>
        [DataMember(Name = "similarities", IsRequired = true)]
        public long Similarities { get; set; }

        /// <summary>Photos without a caption.</summary>
        [DataMember(Name = "caption", IsRequired = true)]
        public long Caption { get; set; }

        /// <summary>Photos with a face of unknown age or gender.</summary>
        [DataMember(Name = "demographics", IsRequired = true)]
        public long Demographics { get; set; }

        /// <summary>All photos, because pixels are never stored.</summary>
        [DataMember(Name = "pixels", IsRequired = true)]
        public long Pixels { get; set; }

        /// <summary>Photos without similarities, in words, of the candidate's prompts.</summary>
        [DataMember(Name = "text_similarities", IsRequired = true)]
        public long TextSimilarities { get; set; }

        /// <summary>Photos without detected objects.</summary>
        [DataMember(Name = "objects", IsRequired = true)]
        public long Objects { get; set; }

        /// <summary>Photos whose text is not stored.</summary>
        [DataMember(Name = "text", IsRequired = true)]
        public long Text { get; set; }

        /// <summary>Photos without the information whether they were taken inside a building.</summary>
        [DataMember(Name = "surroundings", IsRequired = true)]
        public long Surroundings { get; set; }
    }

    /// <summary>How many photos gain and lose one tag.</summary>
    [DataContract]
    public sealed class TagChange
    {
        /// <summary>Photos that did not have it.</summary>
        [DataMember(Name = "gained", IsRequired = true)]
        public long Gained { get; set; }

        /// <summary>Photos that no longer have it.</summary>
        [DataMember(Name = "lost", IsRequired = true)]
        public long Lost { get; set; }

        /// <summary>The first photos that gain it, at most three; null from a worker that does not name them yet.</summary>
        [DataMember(Name = "gained_in", IsRequired = true)]
        public AnswerList<string> GainedIn { get; set; } = new AnswerList<string>();

        /// <summary>The first photos that lose it, at most three; null from a worker that does not name them yet.</summary>
        [DataMember(Name = "lost_in", IsRequired = true)]
        public AnswerList<string> LostIn { get; set; } = new AnswerList<string>();
    }

    /// <summary>A phrase that is replaced by another, and in how many photos.</summary>
    [DataContract]
    public sealed class PhraseChange
    {
        /// <summary>As stored.</summary>
        [DataMember(Name = "before", IsRequired = true)]
        public string Before { get; set; } = "";

        /// <summary>By the candidate.</summary>
        [DataMember(Name = "after", IsRequired = true)]
        public string After { get; set; } = "";

        /// <summary>How many photos get the new phrase in place of the old one.</summary>
        [DataMember(Name = "photos", IsRequired = true)]
        public long Photos { get; set; }

        /// <summary>The first of them, at most three.</summary>
        [DataMember(Name = "first", IsRequired = true)]
        public AnswerList<string> First { get; set; } = new AnswerList<string>();
    }

    /// <summary>What changes for one photo.</summary>
    [DataContract]
    public sealed class PhotoChange
    {
        /// <summary>The photo.</summary>
        [DataMember(Name = "file_id", IsRequired = true)]
        public string FileId { get; set; } = "";

        /// <summary>Tags it gains, best first.</summary>
        [DataMember(Name = "gained", IsRequired = true)]
        public AnswerList<string> Gained { get; set; } = new AnswerList<string>();

        /// <summary>Tags it loses, best first.</summary>
        [DataMember(Name = "lost", IsRequired = true)]
        public AnswerList<string> Lost { get; set; } = new AnswerList<string>();

        /// <summary>Null when the phrase stays.</summary>
        [DataMember(Name = "context", IsRequired = true)]
        public ContextChange? Context { get; set; }
    }

    /// <summary>A phrase that is replaced by another.</summary>
    [DataContract]
    public sealed class ContextChange
    {
        /// <summary>As stored.</summary>
        [DataMember(Name = "before", IsRequired = true)]
        public string Before { get; set; } = "";

        /// <summary>By the candidate.</summary>
        [DataMember(Name = "after", IsRequired = true)]
        public string After { get; set; } = "";
    }

    /// <summary>What was written.</summary>
    [DataContract]
    public sealed class Applied
    {
        /// <summary>Photos that now have the candidate's description.</summary>
        [DataMember(Name = "written", IsRequired = true)]
        public long Written { get; set; }

        /// <summary>Photos that were not changed because evidence is missing; process them again.</summary>
        [DataMember(Name = "incomplete", IsRequired = true)]
        public long Incomplete { get; set; }

        /// <summary>Photos that were not changed because they were processed or described meanwhile.</summary>
        [DataMember(Name = "changed_meanwhile", IsRequired = true)]
        public long ChangedMeanwhile { get; set; }
    }

    /// <summary>Stored clusters that become one person.</summary>
    [DataContract]
    public sealed class ClusterMerge
    {
        /// <summary>Faces of the candidate's cluster.</summary>
        [DataMember(Name = "faces", IsRequired = true)]
        public long Faces { get; set; }

        /// <summary>How many stored clusters they come from.</summary>
        [DataMember(Name = "clusters_found", IsRequired = true)]
        public long ClustersFound { get; set; }

        /// <summary>Those with the most faces.</summary>
        [DataMember(Name = "clusters", IsRequired = true)]
        public AnswerList<ClusterFaces> Clusters { get; set; } = new AnswerList<ClusterFaces>();
    }

    /// <summary>A stored cluster and some of its faces.</summary>
    [DataContract]
    public sealed class ClusterFaces
    {
        /// <summary>The stored cluster.</summary>
        [DataMember(Name = "cluster_id", IsRequired = true)]
        public Guid ClusterId { get; set; }

        /// <summary>How many faces of it.</summary>
        [DataMember(Name = "faces", IsRequired = true)]
        public long Faces { get; set; }
    }

    /// <summary>A stored cluster whose faces become several people.</summary>
    [DataContract]
    public sealed class ClusterSplit
    {
        /// <summary>The stored cluster.</summary>
        [DataMember(Name = "cluster_id", IsRequired = true)]
        public Guid ClusterId { get; set; }

        /// <summary>How many parts the cluster is split into.</summary>
        [DataMember(Name = "parts_found", IsRequired = true)]
        public long PartsFound { get; set; }

        /// <summary>Faces in each part, largest first; the largest parts only.</summary>
        [DataMember(Name = "parts", IsRequired = true)]
        public AnswerList<long> Parts { get; set; } = new AnswerList<long>();
    }

    /// <summary>A photo on which a plugin failed.</summary>
    [DataContract]
    public sealed class Failure
    {
        /// <summary>The photo.</summary>
        [DataMember(Name = "file_id", IsRequired = true)]
        public string FileId { get; set; } = "";

        /// <summary>What the plugin did, in one sentence.</summary>
        [DataMember(Name = "error", IsRequired = true)]
        public string Error { get; set; } = "";
    }
}
