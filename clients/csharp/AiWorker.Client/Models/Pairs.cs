using System;
using System.Collections.Generic;
using System.Runtime.Serialization;

namespace AiWorker.Client
{
    /// <summary>A page of pairs: those first that consolidation would merge, then the most similar ones.</summary>
    [DataContract]
    public sealed class PairPage
    {
        /// <summary>The pairs; a page may have fewer than were asked for, or none, and others come after it.</summary>
        [DataMember(Name = "pairs", IsRequired = true)]
        public AnswerList<PairAnswer> Pairs { get; set; } = new AnswerList<PairAnswer>();

        /// <summary>Where to go on; null at the end.</summary>
        [DataMember(Name = "next", IsRequired = true)]
        public string? Next { get; set; }
    }

    /// <summary>Two people who may be one.</summary>
    [DataContract]
    public sealed class PairAnswer
    {
        /// <summary>The one that stays when they are merged: as a rule the larger one.</summary>
        [DataMember(Name = "first", IsRequired = true)]
        public ClusterAnswer First { get; set; } = new ClusterAnswer();

        /// <summary>The other one.</summary>
        [DataMember(Name = "second", IsRequired = true)]
        public ClusterAnswer Second { get; set; } = new ClusterAnswer();

        /// <summary>
        /// How similar the larger one's most similar face is to the mean of the other's best faces, as a cosine, -1 to 1.
        /// </summary>
        [DataMember(Name = "similarity", IsRequired = true)]
        public double Similarity { get; set; }

        /// <summary>Consolidation would merge them.</summary>
        [DataMember(Name = "proposed", IsRequired = true)]
        public bool Proposed { get; set; }

        /// <summary>Somebody could not say whether they are one.</summary>
        [DataMember(Name = "unsure", IsRequired = true)]
        public bool Unsure { get; set; }

        /// <summary>What speaks for it, one sentence.</summary>
        [DataMember(Name = "reason", IsRequired = true)]
        public string Reason { get; set; } = "";
    }

    /// <summary>Whether it is uncertain that two people are one.</summary>
    [DataContract]
    public sealed class UnsureAnswer
    {
        /// <summary>The person, after all merges.</summary>
        [DataMember(Name = "cluster_id", IsRequired = true)]
        public Guid ClusterId { get; set; }

        /// <summary>The other one, likewise.</summary>
        [DataMember(Name = "other_cluster_id", IsRequired = true)]
        public Guid OtherClusterId { get; set; }

        /// <summary>Somebody could not say whether they are the same person.</summary>
        [DataMember(Name = "unsure", IsRequired = true)]
        public bool Unsure { get; set; }
    }
}
