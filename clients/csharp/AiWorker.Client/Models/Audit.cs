using System;
using System.Collections.Generic;
using System.Runtime.Serialization;

namespace AiWorker.Client
{
    /// <summary>A page of the audit log, in the order in which its entries were made.</summary>
    [DataContract]
    public sealed class AuditPage
    {
        /// <summary>The entries.</summary>
        [DataMember(Name = "entries", IsRequired = true)]
        public AnswerList<AuditEntry> Entries { get; set; } = new AnswerList<AuditEntry>();

        /// <summary>Where the next page starts, now or after more has happened.</summary>
        [DataMember(Name = "next", IsRequired = true)]
        public long Next { get; set; }

        /// <summary>
        /// The position of the newest entry; there are more pages as long as <c>next</c> is less than this.
        /// </summary>
        [DataMember(Name = "latest", IsRequired = true)]
        public long Latest { get; set; }
    }

    /// <summary>
    /// One entry of the audit log. Ids of people and faces that have been deleted since are not in it.
    /// </summary>
    [DataContract]
    public sealed class AuditEntry
    {
        /// <summary>Its position in the list.</summary>
        [DataMember(Name = "position", IsRequired = true)]
        public long Position { get; set; }

        /// <summary>When, as RFC 3339.</summary>
        [DataMember(Name = "at", IsRequired = true)]
        public string At { get; set; } = "";

        /// <summary><see cref="At"/> as a point in time.</summary>
        /// <exception cref="FormatException">The text is no such time.</exception>
        public DateTimeOffset AtTime { get => Times.Parse(At); set => At = Times.Text(value); }

        /// <summary>What was done: <see cref="AuditEvents"/>.</summary>
        [DataMember(Name = "event", IsRequired = true)]
        public string Event { get; set; } = "";

        /// <summary>The name of the key; null when no key was needed, or the worker did it by itself.</summary>
        [DataMember(Name = "key")]
        public string? Key { get; set; }

        /// <summary>The client address of the request; null if the worker acted by itself.</summary>
        [DataMember(Name = "address")]
        public string? Address { get; set; }

        /// <summary>The slot of a plugin: <see cref="PluginSlots"/>.</summary>
        [DataMember(Name = "slot")]
        public string? Slot { get; set; }

        /// <summary>SHA-256 of a plugin's component file in hexadecimal.</summary>
        [DataMember(Name = "digest")]
        public string? Digest { get; set; }

        /// <summary>Where a plugin came from.</summary>
        [DataMember(Name = "origin")]
        public string? Origin { get; set; }

        /// <summary>The reason, if there is one to tell.</summary>
        [DataMember(Name = "reason")]
        public string? Reason { get; set; }

        /// <summary>The clusters that the entry concerns; the order depends on the event.</summary>
        [DataMember(Name = "cluster_ids", IsRequired = true)]
        public AnswerList<Guid> ClusterIds { get; set; } = new AnswerList<Guid>();

        /// <summary>The faces that the entry concerns.</summary>
        [DataMember(Name = "face_ids", IsRequired = true)]
        public AnswerList<Guid> FaceIds { get; set; } = new AnswerList<Guid>();

        /// <summary>Whether ids were removed from this entry because the people or faces were deleted.</summary>
        [DataMember(Name = "erased", IsRequired = true)]
        public bool Erased { get; set; }
    }
}
