using System;
using System.Collections.Generic;
using System.Runtime.Serialization;

namespace AiWorker.Client
{
    /// <summary>A page of pairs: first those that consolidation would merge, then the most similar ones.</summary>
    [DataContract]
    public sealed class PairPage
    {
        /// <summary>
        /// The pairs; a page may have fewer pairs than requested, or none, although more pages follow.
        /// </summary>
        [DataMember(Name = "pairs", IsRequired = true)]
        public AnswerList<PairAnswer> Pairs { get; set; } = new AnswerList<PairAnswer>();

        /// <summary>Where the next page starts; null at the end.</summary>
        [DataMember(Name = "next", IsRequired = true)]
        public string? Next { get; set; }
    }

    /// <summary>Two people who may be the same person.</summary>
    [DataContract]
    public sealed class PairAnswer
    {
        /// <summary>The person that stays if the two are merged: usually the one with more faces.</summary>
        [DataMember(Name = "first", IsRequired = true)]
        public ClusterAnswer First { get; set; } = new ClusterAnswer();

        /// <summary>The other one.</summary>
        [DataMember(Name = "second", IsRequired = true)]
        public ClusterAnswer Second { get; set; } = new ClusterAnswer();

        /// <summary>
        /// The cosine similarity of the larger person's most similar face to the mean of the other person's best faces,
        /// -1 to 1.
        /// </summary>
        [DataMember(Name = "similarity", IsRequired = true)]
        public double Similarity { get; set; }

        /// <summary>Whether consolidation would merge the two.</summary>
        [DataMember(Name = "proposed", IsRequired = true)]
        public bool Proposed { get; set; }

        /// <summary>Whether the pair was marked as unsure.</summary>
        [DataMember(Name = "unsure", IsRequired = true)]
        public bool Unsure { get; set; }

        /// <summary>Why the two may be the same person, in one sentence.</summary>
        [DataMember(Name = "reason", IsRequired = true)]
        public string Reason { get; set; } = "";
    }

    /// <summary>Whether a pair is marked as unsure.</summary>
    [DataContract]
    public sealed class UnsureAnswer
    {
        /// <summary>The person, after all merges.</summary>
        [DataMember(Name = "cluster_id", IsRequired = true)]
        public Guid ClusterId { get; set; }

        /// <summary>The other person's cluster id, in the same way.</summary>
        [DataMember(Name = "other_cluster_id", IsRequired = true)]
        public Guid OtherClusterId { get; set; }

        /// <summary>Whether the pair is marked as unsure.</summary>
        [DataMember(Name = "unsure", IsRequired = true)]
        public bool Unsure { get; set; }
    }
}
